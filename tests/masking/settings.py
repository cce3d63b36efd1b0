"""Django settings of the small shop that handles nothing but secrets."""

from __future__ import annotations

import os

import logging_pipeline

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver"]
USE_TZ = True
ROOT_URLCONF = "tests.masking.site"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "logging_pipeline"]
MIDDLEWARE = [
    "logging_pipeline.integrations.django.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
LOGGING_CONFIG = None

logging_pipeline.configure(
    app="shop",
    namespace=os.environ.get("LOGPIPE_NAMESPACE", "default"),
    service_name="shop-masking",
    hash_key="only for tests, and long enough to be a key",
    levels=("django.db.backends=debug",),
)
