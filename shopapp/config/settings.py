"""
Settings of the shop, read once from the environment; `docs/shop.md` lists every variable.

Sound for production as they stand: debug off, no default for a secret. ``SHOP_HTTPS`` adds what makes sense behind TLS.
"""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

import logging_pipeline

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STATE_DIR = Path(env.str("SHOP_STATE_DIR", str(BASE_DIR / "var"))).resolve()
STATE_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SHOP_SECRET_KEY", "")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SHOP_SECRET_KEY: is missing or shorter than 32 characters. Make one and keep it: "
        'export SHOP_SECRET_KEY="$(python -c "import secrets; print(secrets.token_urlsafe(48))")"'
    )

DEBUG = env.bool("SHOP_DEBUG", False)
ALLOWED_HOSTS = env.list("SHOP_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("SHOP_CSRF_TRUSTED_ORIGINS", default=[])

# The parts.

INSTALLED_APPS = [
    "logging_pipeline",
    "logging_pipeline.console",
    "shopapp.accounts",
    "shopapp.catalog",
    "shopapp.cart",
    "shopapp.orders",
    "shopapp.payments",
    "shopapp.notifications",
    "shopapp.staff",
    "shopapp.demo",
    "axes",
    "bulma",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "logging_pipeline.integrations.django.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shopapp.config.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shopapp.config.urls"
WSGI_APPLICATION = "shopapp.config.wsgi.application"
ASGI_APPLICATION = "shopapp.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "shopapp" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shopapp.config.layout.layout",
            ],
        },
    }
]

FORM_RENDERER = "shopapp.config.forms.FormRenderer"

# Data.

DATABASES = {"default": env.db_url("SHOP_DATABASE_URL", f"sqlite:///{STATE_DIR / 'shop.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits for its turn at the start, and never fails half-way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": STATE_DIR / "test-shop.sqlite3"}  # a file: threads need to share it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People.

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "catalog:home"
LOGOUT_REDIRECT_URL = "catalog:home"

AXES_FAILURE_LIMIT = env.int("SHOP_LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = env.float("SHOP_LOGIN_COOLOFF_HOURS", 0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # one guesser must not lock the owner out
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "shopapp.config.error_pages.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True

# Headers and cookies.

HTTPS = env.bool("SHOP_HTTPS", False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("SHOP_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "shop_session"
CSRF_COOKIE_NAME = "shop_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "shopapp.config.error_pages.csrf_failure"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Static files: WhiteNoise serves what `collectstatic` built; where nothing was built yet, straight from the apps.

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "shopapp" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "shopapp.config.static_files.BuiltWhereBuilt"},
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

# Language and time.

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("SHOP_TIME_ZONE", "UTC")
USE_TZ = True

# E-mail: to files under the state folder unless a server is named.

MAIL_URL = env.str("SHOP_EMAIL_URL", "")
if MAIL_URL:
    vars().update(env.email_url_config(MAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = STATE_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("SHOP_EMAIL_FROM", "Pine & Kettle <orders@pine-and-kettle.example>")

# The shop.

SHOP_NAME = "Pine & Kettle"
SHOP_CURRENCY = "EUR"
SHOP_OPS_URL = env.str("SHOP_OPS_URL", "/ops/logs/")
SHOP_PAYMENT_DECLINE_RATE = env.float("SHOP_PAYMENT_DECLINE_RATE", 0.02)
SHOP_SHIP_AFTER_S = env.int("SHOP_SHIP_AFTER_S", 120)
SHOP_UNPAID_AFTER_S = env.int("SHOP_UNPAID_AFTER_S", 900)
SHOP_CART_TTL_DAYS = env.int("SHOP_CART_TTL_DAYS", 14)
SHOP_DEMO_FAULTS = env.bool("SHOP_DEMO_FAULTS", False)
if SHOP_DEMO_FAULTS:
    MIDDLEWARE.append("shopapp.demo.faults.Faults")
    if not MAIL_URL:
        EMAIL_BACKEND = "shopapp.demo.moody_mail.MoodyMail"

# Logs: the request's event tells what `django.request` says of a 4xx, and the events of `auth` what django-axes says.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "ERROR"}, "axes": {"level": "ERROR"}},
}

# What is not given here comes from LOGPIPE_... variables.
logging_pipeline.configure(
    app="shop",
    service_name=env.str("LOGPIPE_SERVICE_NAME", "shop-web"),
    service_version=env.str("LOGPIPE_SERVICE_VERSION", "0.1.0"),
    state_dir=env.str("LOGPIPE_STATE_DIR", str(STATE_DIR / "logpipe")),
)
