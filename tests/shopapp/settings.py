"""The shop's own settings, with what a test needs: made-up secrets, a folder that goes away, nothing sent anywhere."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="shop-tests-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("SHOP_")]:
    del os.environ[_name]
os.environ.update(SHOP_SECRET_KEY=secrets.token_hex(32), SHOP_STATE_DIR=_FOLDER, SHOP_PAYMENT_DECLINE_RATE="0")

from shopapp.config.settings import *  # noqa: E402, F403  # it reads the environment set above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; no account of a test is worth guessing
