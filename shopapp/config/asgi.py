"""The shop as an ASGI application, for uvicorn."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from logging_pipeline.integrations.asgi import Lifespan

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shopapp.config.settings")

# WhiteNoise reads static files without async, which Django remarks upon; they are small and on a local disk.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")

application = Lifespan(get_asgi_application())
get_resolver().url_patterns  # noqa: B018  # loads every page now, not while the first visitor waits
