"""The app as Django knows it."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "shopapp.catalog"
    label = "catalog"
