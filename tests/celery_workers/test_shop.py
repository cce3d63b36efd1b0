"""The shop's Celery app: its settings, its schedule, and a real worker on a real broker."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from celery_workers.schedule import SCHEDULE
from celery_workers.shop import app

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def environment(redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The shop's environment with a broker in database 0 and a database file of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "LOGPIPE_"))}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "shopapp.config.settings",
        "SHOP_SECRET_KEY": secrets.token_hex(32),
        "SHOP_STATE_DIR": str(tmp_path),
        "SHOP_REDIS_URL": re.sub(r"/\d+$", "/0", redis_url),
        "SHOP_PAYMENT_DECLINE_RATE": "0",
    }


def test_every_scheduled_task_exists():
    """What beat sends, a worker knows."""
    app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(app.tasks)


def test_tasks_that_run_late_or_twice_do_no_harm():
    """All of the shop's are acknowledged after they ran, so that a killed worker loses none."""
    app.loader.import_default_modules()
    own = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "logging_pipeline."))]
    assert len(own) >= 6
    assert all(task.acks_late for task in own)


def test_only_json_is_taken():
    """A message that is a pickle is refused."""
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])


def test_without_a_broker_tasks_run_at_once():
    """A test or a plain runserver needs no worker."""
    assert app.conf.task_always_eager


@pytest.mark.stack
def test_a_worker_sends_what_the_shop_hands_over(environment: dict[str, str], tmp_path: Path):
    """An order placed in one process, with a broker: a worker in another writes the confirmation."""
    assert run(environment, "-c", ORDER).split() == ["paid", "due"]
    mails = tmp_path / "mail"
    assert not mails.exists()
    command = (sys.executable, "-m", "celery", "--app=celery_workers.shop:app", "worker", "--pool=solo")
    worker = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + 90
        while not (mails.exists() and any(mails.iterdir())) and worker.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        worker.terminate()
        _, errors = worker.communicate(timeout=60)
    assert mails.exists(), errors.decode()[-2000:]
    assert "Subject: Your order PK-" in next(mails.iterdir()).read_text()


@pytest.mark.stack
def test_a_broker_that_refuses_ends_no_worker(environment: dict[str, str]):
    """As after a failover: a worker that waits for a task is sent away, asks again, and is answered with errors."""
    command = (sys.executable, "-m", "celery", "--app=celery_workers.shop:app", "worker", "--pool=solo")
    with redis.Redis.from_url(environment["SHOP_REDIS_URL"]) as client:
        client.config_resetstat()
        worker = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
        try:
            until(lambda: worker.poll() is not None or client.info("clients")["blocked_clients"])
            client.execute_command("REPLICAOF", "127.0.0.1", "9")
            until(lambda: worker.poll() is not None or client.info("stats")["total_error_replies"] >= 3)
            client.execute_command("REPLICAOF", "NO", "ONE")
            until(lambda: worker.poll() is not None or client.info("clients")["blocked_clients"])
            assert worker.poll() is None
        finally:
            client.execute_command("REPLICAOF", "NO", "ONE")
            worker.terminate()
            worker.wait(60)


def until(condition: Callable[[], object], timeout_s: float = 90) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.stack
def test_a_broker_that_is_away_costs_no_order(environment: dict[str, str]):
    """The order is placed all the same, within a few seconds; its notice stays due."""
    environment["SHOP_REDIS_URL"] = "redis://127.0.0.1:9/0"
    assert run(environment, "-c", ORDER).split() == ["paid", "due"]


ORDER = """
import time, uuid, django
django.setup()
from django.core.management import call_command
from django.urls import get_resolver
from shopapp.cart.models import Cart
from shopapp.catalog.models import Product
from shopapp.demo.catalogue import add_goods
from shopapp.notifications.models import Notice
from shopapp.orders.checkout import check_out
from shopapp.payments.provider import Card

get_resolver().url_patterns
call_command("migrate", verbosity=0)
add_goods()
product = Product.objects.get(sku="KIT-0103")
cart = Cart.objects.create(customer_id=1)
cart.lines.create(product_id=product.pk, quantity=2)
address = {"email": "ada@example.com", "name": "A", "street": "B", "postcode": "C", "city": "D", "country": "DE"}
card = Card("5555555555554444", "12/2034", "123")
began = time.monotonic()
order = check_out(cart, agreed_cents=9800, address=address, card=card, checkout_key=uuid.uuid4())
assert time.monotonic() - began < 10
print(order.status, "sent" if Notice.objects.get().sent_at else "due")
"""


def run(environment: dict[str, str], *command: str) -> str:
    """Run Python with *command*; what it printed."""
    ended = subprocess.run(
        (sys.executable, *command), cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout
