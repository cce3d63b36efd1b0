"""The app as Django knows it."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "shopapp.payments"
    label = "payments"
