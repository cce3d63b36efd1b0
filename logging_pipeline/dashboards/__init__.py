"""
Dashboards as text: definitions, what each panel asks of Elasticsearch, how it is drawn, what Kibana imports.

`definitions` reads them, `check` holds them to the contract, `panels` has one file for each type, `ask` runs them.
"""
