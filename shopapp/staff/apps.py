"""The app as Django knows it."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "shopapp.staff"
    label = "staff"
