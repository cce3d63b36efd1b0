"""For uvicorn."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from logging_pipeline.integrations.asgi import Lifespan

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.tiny_project.settings")

application = Lifespan(get_asgi_application())
