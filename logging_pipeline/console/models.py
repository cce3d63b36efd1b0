"""What the console keeps in the project's database, and what its permissions hang on. Events live in Elasticsearch."""

from __future__ import annotations

from django.db import models

from logging_pipeline.console.decision import Decision
from logging_pipeline.console.saved_search import SavedSearch

__all__ = ["Console", "Decision", "SavedSearch"]


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
            ("import_dashboards", "Can import dashboards into Kibana"),
        ]
