"""
The console: a reusable Django app in which staff look at what the pipeline has stored.

Reading order: `urls` → `views/` (one module a page) → `search` (the state that a URL carries) → `selectors` (what is
asked of Elasticsearch) → `templates/logpipe_console/`. A further page is a module in `views/`, a line in `urls` and one
in `pages`.
"""
