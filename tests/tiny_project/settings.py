"""The smallest project that adopts the pipeline: three lines, marked."""

from __future__ import annotations

import os

import logging_pipeline

SECRET_KEY = "only-for-tests"
DEBUG = "TINY_DEBUG" in os.environ
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
USE_TZ = True
ROOT_URLCONF = "tests.tiny_project.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "logging_pipeline",  # one
]
MIDDLEWARE = [
    "logging_pipeline.integrations.django.RequestMiddleware",  # two
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tests.tiny_project.views.raising_middleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("TINY_DATABASE", ":memory:")}}

HASH_KEY = "only for tests, and long enough to be a key"
logging_pipeline.configure(app="tiny", service_name="tiny-web", hash_key=HASH_KEY)  # three
