"""
The embedded stack: everything that the shop and its logs need, on one laptop, without containers.

Read `programs` first: it is the table of what runs. `supervisor` starts, watches and stops whatever such a table says;
`elasticsearch_server` and `redis_server` prepare the two servers, which the tests start with the same code.
"""
