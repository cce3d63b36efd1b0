"""What the programs are told by environment variables: addresses, folders, and only the passwords that each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from logging_pipeline.indexes import PRIVACY, READER, SETUP, WRITER
from stack.settings import StackSettings

__all__ = ["APP", "PASSWORD_OF", "Environments"]

APP = "shop"  # its data streams are logs-shop.<category>-default
SHOP_DATABASE = 0
LOGS_DATABASE = 1
PASSWORD_OF = {  # of Elasticsearch's users: the name in `stack.credentials`
    SETUP: "LOGPIPE_SETUP_PASSWORD",
    WRITER: "LOGPIPE_WRITER_PASSWORD",
    READER: "LOGPIPE_READER_PASSWORD",
    PRIVACY: "LOGPIPE_PRIVACY_PASSWORD",
}


@dataclass(frozen=True, slots=True)
class Environments:
    """Makes the environment of each program of one stack."""

    settings: StackSettings
    credentials: Mapping[str, str] = field(repr=False)

    @property
    def web_url(self) -> str:
        """The shop."""
        return f"http://127.0.0.1:{self.settings.port_web}"

    @property
    def console_url(self) -> str:
        """The console's host; its pages are below /ops/."""
        return f"http://127.0.0.1:{self.settings.port_console}"

    @property
    def elasticsearch_url(self) -> str:
        """Elasticsearch. Plain HTTP: it listens on loopback only, where TLS would protect nothing."""
        return f"http://127.0.0.1:{self.settings.port_elasticsearch}"

    @property
    def shop_redis_url(self) -> str:
        """The shop's broker, with its password."""
        return self._redis_url(SHOP_DATABASE)

    @property
    def logs_redis_url(self) -> str:
        """The logs' database, with its password: apart from the shop's."""
        return self._redis_url(LOGS_DATABASE)

    def of(self, service: str, user: str = "", **more: str) -> dict[str, str]:
        """
        The environment of *service*.

        Args:
            user: of Elasticsearch; empty: it has no business there, and gets no password.
            more: variables of its own.
        """
        return {
            "DJANGO_SETTINGS_MODULE": "shopapp.config.settings",
            "LOGPIPE_APP": APP,
            "LOGPIPE_SERVICE_NAME": service,
            "LOGPIPE_REDIS_URL": self.logs_redis_url,
            "LOGPIPE_HASH_KEY": self.credentials["LOGPIPE_HASH_KEY"],
            "LOGPIPE_STATE_DIR": str(self.settings.var_dir / "logpipe"),
            "SHOP_STATE_DIR": str(self.settings.var_dir),
            "SHOP_SECRET_KEY": self.credentials["SHOP_SECRET_KEY"],
            "SHOP_REDIS_URL": self.shop_redis_url,
            "SHOP_OPS_URL": f"{self.console_url}/ops/logs/",
            **self._elasticsearch(user),
            **more,
        }

    def elasticsearch_login(self, user: str) -> tuple[str, str]:
        """*user* of Elasticsearch, and its password."""
        return user, self.credentials[PASSWORD_OF[user]]

    def metrics_dir(self, service: str) -> Path:
        """Where the processes of *service* share their metrics."""
        return self.settings.var_dir / "metrics" / service

    def _redis_url(self, database: int) -> str:
        return f"redis://:{self.credentials['REDIS_PASSWORD']}@127.0.0.1:{self.settings.port_redis}/{database}"

    def _elasticsearch(self, user: str) -> dict[str, str]:
        # Empty rather than absent: the shell that started the stack may have them, see `python -m stack env`.
        name, password = self.elasticsearch_login(user) if user else ("", "")
        return {
            "LOGPIPE_ELASTICSEARCH_URL": self.elasticsearch_url if user else "",
            "LOGPIPE_ELASTICSEARCH_USER": name,
            "LOGPIPE_ELASTICSEARCH_PASSWORD": password,
        }
