"""For gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.tiny_project.settings")

from tests.tiny_project.celery_app import app as celery_app  # noqa: F401  # tasks are published through it

application = get_wsgi_application()
