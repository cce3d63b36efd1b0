"""No tables: events live in Elasticsearch. This model is what the console's permissions hang on."""

from __future__ import annotations

from django.db import models

__all__ = ["Console"]


class Console(models.Model):
    """Carries the permissions of the pages; those of the categories are made by `access.make_category_permissions`."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_dashboards", "Can open the dashboards"),
            ("view_logs", "Can open the log pages of the console"),
            ("view_tail", "Can watch events as they pass by"),
            ("view_pipeline", "Can see the state of the pipeline"),
        ]
