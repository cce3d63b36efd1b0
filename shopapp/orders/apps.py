"""The app as Django knows it."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "shopapp.orders"
    label = "orders"
