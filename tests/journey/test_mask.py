"""Stage 5: personal data and secrets leave before anything is encoded, and only then is text cut."""

from __future__ import annotations

import time

import pytest

from logging_pipeline.journey.mask import Masker
from logging_pipeline.sensitive import MASK, is_card_number
from tests.journey.documents import HASH_KEY, masked

CARD = "4242424242424242"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "key",
    [
        "password", "user_password", "Password", "newPassword", "X-Api-Key", "apiKey", "api_key", "access_token",
        "token", "Authorization", "Set-Cookie", "sessionid", "session_key", "csrfmiddlewaretoken", "card_number", "otp",
        "CVV", "iban", "email", "billing.email", "phone", "shipping_address", "first_name", "secrets", "client_secret",
    ],
)  # fmt: skip
def test_a_key_that_names_a_secret_masks_its_whole_value(key: str):
    """Whatever the value looks like: text, number, list or dict."""
    for value in ("hunter2", 1234, [1, 2], {"a": "hunter2"}):
        document = masked("order.placed", **{key: value})
        assert "hunter2" not in str(document)
        assert "1234" not in str({k: v for k, v in document.items() if k in ("labels", "numeric_labels")})
        assert MASK in str(document["labels"])


@pytest.mark.parametrize(
    "key", ["author", "tokenizer", "passenger", "span", "company", "opinion", "emails_sent_total_x1"]
)
def test_a_key_that_only_contains_such_letters_is_left(key: str):
    """Whole words count, or half of the events would be masked."""
    if key.startswith("emails"):
        assert masked("order.placed", **{key: "x"})["labels"][key] == MASK
    else:
        assert masked("order.placed", **{key: "x"})["labels"][key] == "x"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=hunter2", "hunter2"),
        ("password: 'hunter2 and more'", "hunter2"),
        ('{"password": "hunter2"}', "hunter2"),
        ('{\\"password\\": \\"hunter2\\"}', "hunter2"),
        ("/reset?token=abcdef12&next=/", "abcdef12"),
        ("%3Ftoken%3Dabcdef12", "abcdef12"),
        ("Authorization: Bearer abcdefghijklm", "abcdefghijklm"),
        ("Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        (f"got {JWT} back", "eyJhbGciOiJIUzI1NiJ9"),
        ("redis://:s3cretpw@127.0.0.1:6379/1", "s3cretpw"),
        ("postgres://shop:s3cretpw@db/shop", "s3cretpw"),
        ("mail to jane.doe+x@example.co.uk now", "jane.doe"),
        ("jane.doe%40example.com", "jane.doe"),
        (f"paid with {CARD}", CARD),
        ("paid with 4242 4242 4242 4242 today", "4242 4242"),
        ("paid with 4242-4242-4242-4242", "4242-4242"),
        ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "MIIE"),
    ],
)
def test_secrets_are_found_in_text_wherever_it_stands(text: str, secret: str):
    """In the message, in a value, in a list, in a key, in an exception and its trace."""
    try:
        raise ValueError(text)
    except ValueError as error:
        document = masked(text, note=text, many=[text], inside={"deep": {"er": text}}, exc_info=error, **{text: 1})
    assert secret not in str(document)
    assert MASK in document["message"]
    assert MASK in document["error"]["stack_trace"]


@pytest.mark.parametrize(
    "text",
    ["order 1234567890123 placed", "took 0.4242424242424242 s", "Order A-17 placed", "passed: 5", "a@b", "4242 4242"],
)
def test_ordinary_text_stays(text: str):
    """A number that is no card's, a fraction, a sentence."""
    assert masked(text)["message"] == text


def test_a_card_number_that_is_a_number_is_masked():
    """A number cannot hold the mask, so it moves to the labels."""
    document = masked("order.placed", paid_with=int(CARD), amount=5)
    assert document["labels"] == {"paid_with": MASK}
    assert document["numeric_labels"] == {"amount": 5}


def test_card_numbers_by_the_check_digit():
    """Luhn's digit tells a card from an order's number."""
    assert is_card_number(CARD)
    assert not is_card_number("4242424242424241")


def test_a_user_is_countable_but_not_nameable():
    """The same user has the same hash under the same key, and another one under another key."""
    first = masked("order.placed", {"user.id": "17"})["user"]
    assert first == masked("order.placed", {"user.id": "17"})["user"]
    assert first != masked("order.placed", {"user.id": "18"})["user"]
    assert set(first) == {"hash"}
    document = {"event": {"dataset": "shop.order"}, "user": {"id": "17"}}
    Masker(hash_key=HASH_KEY[::-1]).mask(document)
    assert document["user"] != first


def test_without_a_key_there_is_no_user():
    """A hash without a key could be looked up in a table of all ids."""
    document = {"event": {"dataset": "shop.order"}, "user": {"id": "17"}}
    Masker().mask(document)
    assert "user" not in document


def test_a_second_user_is_hashed_too():
    """Whom a staff member changed is as private as who changed it."""
    document = masked("order.placed", {"user.id": "7"}, user_id=17, order={"user_id": 18})
    hashes = {masked("order.placed", {"user.id": n})["user"]["hash"] for n in ("17", "18")}
    assert set(document["labels"].values()) == hashes
    assert "numeric_labels" not in document or not document["numeric_labels"]


@pytest.mark.parametrize(
    ("address", "kept"), [("203.0.113.77", "203.0.113.0"), ("2001:db8:1234:5678::1", "2001:db8:1234::")]
)
def test_a_clients_address_loses_its_last_part_except_in_auth(address: str, kept: str):
    """Enough to see where from, not enough to see who; attacks on log-ins need the whole."""
    assert masked("order.placed", {"client.ip": address})["client"]["ip"] == kept
    assert masked("auth.failed", {"client.ip": address})["client"]["ip"] == address


def test_a_secret_across_the_cut_is_masked_first():
    """Cutting first would leave the first half of a card number."""
    masker = Masker(text_max_chars=100)
    assert "4242" not in masker.text("x" * 91 + " " + CARD)


def test_long_text_is_cut_and_a_trace_keeps_both_ends():
    """The first lines of a trace say how it began, the last what went wrong."""
    masker = Masker(text_max_chars=100)
    assert masker.text("x" * 500) == "x" * 100 + "…"
    document = {"event": {"dataset": "shop.x"}, "error": {"stack_trace": "first " + "x" * 500 + " last"}}
    masker.mask(document)
    trace = document["error"]["stack_trace"]
    assert trace.startswith("first")
    assert trace.endswith("last")
    assert len(trace) < 200


def test_further_keys_are_a_setting():
    """A project names its own."""
    document = {"event": {"dataset": "shop.x"}, "labels": {"vat_id": "DE123", "other": "x"}}
    Masker(extra_keys=("vat_id",)).mask(document)
    assert document["labels"] == {"vat_id": MASK, "other": "x"}


@pytest.mark.parametrize(
    "text",
    ["a" * 60_000 + "@", "password=" * 6_000, "1 " * 30_000, "\\" * 60_000 + "token", "eyJ" * 20_000, "x.x@" * 15_000],
    ids=["local part", "names", "digits", "backslashes", "tokens", "addresses"],
)
def test_no_text_takes_long(text: str):
    """Each pattern is linear: 60,000 hostile characters take well under a second."""
    started = time.process_time()
    Masker().text(text)
    assert time.process_time() - started < 1.0
