"""The app as Django knows it."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class CartConfig(AppConfig):
    name = "shopapp.cart"
    label = "cart"

    def ready(self) -> None:
        from shopapp.cart.services import merge_at_log_in

        user_logged_in.connect(merge_at_log_in, dispatch_uid="shopapp.cart")
