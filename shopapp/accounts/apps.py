"""The app as Django knows it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "shopapp.accounts"
    label = "accounts"

    def ready(self) -> None:
        from shopapp.accounts import events

        events.connect()
