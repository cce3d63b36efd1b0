"""The console in front of a real Elasticsearch, with people who may see more or less."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from logging_pipeline.contract import contract
from logging_pipeline.indexes import setup
from logging_pipeline.settings import load
from tests.console.events import Document, index
from tests.console.project import settings as project

LOADED = datetime.now(UTC)  # before any file of tests

Person = Callable[..., Client]
Plant = Callable[..., None]


@pytest.fixture(autouse=True)
def _now(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `NOW` that a file took when it was collected is when each of its tests begins: collecting may be long ago."""
    if getattr(request.module, "NOW", LOADED) > LOADED:
        monkeypatch.setattr(request.module, "NOW", datetime.now(UTC))


@pytest.fixture
def streams(elasticsearch_server: Any) -> str:
    """The namespace of data streams that are there; most tests share it."""
    return set_up(elasticsearch_server)


@pytest.fixture
def console(elasticsearch_server: Any, streams: str, settings: Any) -> dict[str, Any]:
    """The console as its own small project mounts it, over streams that are set up; returns the pipeline settings."""
    user, password = elasticsearch_server.user("logpipe_reader")
    pipeline = {
        "app": "shop",
        "namespace": streams,
        "elasticsearch_url": elasticsearch_server.url,
        "elasticsearch_user": user,
        "elasticsearch_password": password,
    }
    mount(settings, pipeline)
    return pipeline


@pytest.fixture
def plant(elasticsearch_server: Any, console: dict[str, Any]) -> Plant:
    """Stores events in the console's streams."""

    def store(*documents: Document) -> None:
        with elasticsearch_server.client() as client:
            index(client, console["namespace"], documents)

    return store


@pytest.fixture
def person(db: None) -> Person:
    """
    Makes an account and returns a client that is logged in: ``person("http", "audit")`` sees these categories.

    It may open the log pages, and what *may* names besides.
    """

    def make(
        *categories: str, view: bool = True, staff: bool = True, superuser: bool = False, may: tuple[str, ...] = ()
    ) -> Client:
        user = get_user_model()(is_staff=staff, is_superuser=superuser, is_active=True)
        setattr(user, user.USERNAME_FIELD, f"{secrets.token_hex(4)}@example.com")
        user.set_unusable_password()
        user.save()
        names = [f"view_category_{name}" for name in categories] + ["view_logs"] * view + [*may]
        granted = Permission.objects.filter(content_type__app_label="logpipe_console", codename__in=names)
        assert len(granted) == len(names)
        user.user_permissions.set(granted)
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def staff(person: Person) -> Client:
    """Somebody who sees everything."""
    return person(superuser=True)


def mount(settings: Any, pipeline: dict[str, Any]) -> None:
    """Run the small project of these tests, whatever project the suite runs in."""
    settings.ROOT_URLCONF = project.ROOT_URLCONF
    settings.MIDDLEWARE = project.MIDDLEWARE
    settings.LOGIN_URL = project.LOGIN_URL
    settings.ALLOWED_HOSTS = project.ALLOWED_HOSTS
    settings.TIME_ZONE = "UTC"
    settings.LANGUAGE_CODE = "en-us"
    settings.STATIC_URL = project.STATIC_URL
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.LOGGING_PIPELINE = pipeline


@lru_cache
def set_up(server: Any, whose: str = "everybody's") -> str:
    """Make data streams, once for each name that is given; their namespace."""
    namespace = f"console_{secrets.token_hex(4)}"
    with server.client("logpipe_setup") as client:
        setup(client, load({"app": "shop", "namespace": namespace}, {}), contract())
    return namespace
