"""
A process of a shop that logs every canary and every innocent: ``python -m tests.masking.program SEED``.

It prints ``told`` when it has logged the canaries, waits for a line, and goes on with requests, SQL and tasks.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.masking.settings")
django.setup()

import structlog  # noqa: E402  # after Django's settings have configured it
from django.db import connection  # noqa: E402
from django.db.utils import IntegrityError  # noqa: E402
from django.test import Client  # noqa: E402

import logging_pipeline  # noqa: E402
from logging_pipeline.entrance import installed  # noqa: E402
from tests.masking import site  # noqa: E402
from tests.masking.canaries import Canary, Secret, canaries  # noqa: E402
from tests.masking.innocents import innocents  # noqa: E402

log = structlog.get_logger()
standard = logging.getLogger("shop.standard")


def main(seed: int) -> None:
    """Log everything."""
    everything = list(canaries(seed))
    for canary in everything:
        tell(canary)
    producer = installed()
    assert producer is not None
    producer.flush(60)
    print("told", flush=True)
    sys.stdin.readline()
    for number, _, text in innocents(seed + 1):
        line = f"seen {text} here"
        log.info(line, innocent=str(number), note=text, many=[text, text, text], inside={"deep": text})
    for canary in everything:
        if canary.place == "value":
            request(canary.secret)
            database(canary.secret)
            tasks(canary.secret)
    site.last_word.delay()
    log.info("the program's last word")
    logging_pipeline.composition.close()
    print("done", flush=True)


def tell(canary: Canary) -> None:
    """By structlog, by the standard library, and as an event that Elasticsearch will refuse."""
    mark = {"canary": str(canary.number)}
    fields: dict[str, Any] = dict(canary.fields)
    log.warning(canary.event, **mark, **fields)
    refused = {"object_type": "thing", "object_id": "no number"}
    log.info("audit.changed", **refused, **mark, **fields, remarks=canary.event)
    error = fields.pop("exc_info", None)
    standard.warning(f"%s {canary.event}", mark, exc_info=error, extra={**mark, **fields})


def request(secret: Secret) -> None:
    """A request with the secret in its path, query, headers, cookies and form."""
    client = Client(raise_request_exception=False)
    text = (secret.shown or secret.text).replace("\n", " ")
    client.cookies[secret.name] = text
    bearer = text if text.startswith("Bearer ") else f"Bearer {secret.text}".replace("\n", " ")
    client.post(
        f"/pay/{secret.shown}/now/?{'' if secret.shown else secret.name + '=' + secret.text}",
        {secret.name: text},
        headers={"Authorization": bearer, "X-Api-Key": text, "Referer": f"https://shop.example/?{secret.name}={text}"},
    )
    client.post("/json/", {secret.name: text}, content_type="application/json")


def database(secret: Secret) -> None:
    """SQL with the secret as a parameter, in a condition, and in what fails."""
    connection.force_debug_cursor = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS person (name text, secret text UNIQUE)")
        cursor.execute("INSERT INTO person VALUES (%s, %s)", ["jane", secret.text])
        cursor.execute("SELECT name FROM person WHERE secret LIKE %s OR secret = %s", [f"%{secret.text}%", secret.text])
        try:
            cursor.execute("INSERT INTO person VALUES (%s, %s)", ["joe", secret.text])
        except IntegrityError as error:
            log.exception(
                "refused",
                secret=secret.text,
                params=repr(("joe", {secret.name: secret.shown or secret.text})),
                because=error,
            )


def tasks(secret: Secret) -> None:
    """A task that fails with its arguments, and one that nobody knows."""
    site.pay.delay(secret.sentence, **{secret.name.replace("-", "_"): secret.shown or secret.text})
    site.celery_app.send_task("nobody.knows", (secret.text,), {secret.name: secret.text})


if __name__ == "__main__":
    main(int(sys.argv[1]))
