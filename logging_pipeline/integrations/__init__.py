"""Where events come from: structlog, the standard library, Django, Celery, python-logstash; one file each."""
