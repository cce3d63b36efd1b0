"""
The state of the pipeline as this process can see it: what waits in Redis and on disk, what Elasticsearch has.

Numbers and names of categories, no event's content; each figure says where it is from.
"""
