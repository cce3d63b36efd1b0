"""Accounts: sign-up, log-in, lock-out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from shopapp.accounts.models import User
from tests.shopapp.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = {"name": "Ben Lake", "email": "Ben@Example.com", "password": "rain-on-a-tin-roof"}


def log_in(client: Client, password: str, email: str = "ada@example.com") -> Any:
    return client.post("/account/log-in/", {"username": email, "password": password})


def test_sign_up_makes_an_account_and_logs_in(client: Client, on_commit: None, logged_events: Any):
    """Somebody who signs up can go on at once, and the address is kept in lower case."""
    answer = client.post("/account/sign-up/", {**NEW, "next": "/orders/"})
    assert (answer.status_code, answer.url) == (302, "/orders/")
    user = User.objects.get(email="ben@example.com")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert logged_events.one("auth.login")["event.outcome"] == "success"


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_is_logged_after_its_commit(client: Client, logged_events: Any):
    """The event tells of an account that exists, and names nobody."""
    client.post("/account/sign-up/", NEW)
    assert logged_events.one("auth.signup")["data_stream.dataset"].endswith(".auth")
    assert "ben" not in str([event.document for event in logged_events]).lower()


def test_an_address_has_one_account(client: Client, customer: User):
    """A second sign-up with the same address, in whatever case, is refused next to the field."""
    answer = client.post("/account/sign-up/", {**NEW, "email": "ADA@example.com"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"] == ["This address has an account already: log in instead."]
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", "ben@example.com"])
def test_weak_passwords_are_refused(client: Client, password: str):
    """Short, numeric, common passwords and one's own address are no passwords."""
    answer = client.post("/account/sign-up/", {**NEW, "password": password})
    assert "password" in answer.context["form"].errors
    assert not User.objects.exists()


def test_where_to_go_next_stays_in_the_shop(client: Client):
    """A link that somebody else made cannot send a new customer to another site."""
    answer = client.post("/account/sign-up/", {**NEW, "next": "https://elsewhere.example/"})
    assert answer.url == "/"


def test_log_in_ignores_the_case_of_the_address(client: Client, customer: User):
    """Phones like to begin with a capital letter."""
    assert log_in(client, PASSWORD, "Ada@Example.com").status_code == 302


def test_a_failed_log_in_is_logged_once_and_without_a_name(client: Client, customer: User, logged_events: Any):
    """The event says that it failed; who was tried, and with what, is nobody's business."""
    answer = log_in(client, "wrong")
    assert "match an account" in answer.content.decode()
    event = logged_events.one("auth.failed")
    assert (event["event.outcome"], event["log.level"]) == ("failure", "warning")
    assert "ada@" not in str([e.document for e in logged_events])


def test_too_many_failures_lock_log_in(client: Client, customer: User, logged_events: Any, settings: Any):
    """After five wrong passwords even the right one is refused, with a page that says for how long."""
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "wrong")
    answer = log_in(client, PASSWORD)
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert logged_events.named("auth.locked")


def test_one_guesser_does_not_lock_the_owner_out(client: Client, customer: User, settings: Any):
    """The lock is on account and address together."""
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "wrong")
    owner = Client(REMOTE_ADDR="192.0.2.7")
    assert log_in(owner, PASSWORD).status_code == 302


def test_log_out_needs_a_form(shopper: Client):
    """A link or a picture cannot log anybody out."""
    assert shopper.get("/account/log-out/").status_code == 405
    assert "_auth_user_id" in shopper.session
    shopper.post("/account/log-out/")
    assert "_auth_user_id" not in shopper.session
