"""The house as a Django app: it has no tables, but checks, roles and a queue to set up."""

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db.models.signals import post_migrate


class MinkaConfig(AppConfig):
    name = "minka"

    def ready(self) -> None:
        from minka import celery, metrics, security, tracing  # noqa: F401 -- where jobs are left, counted, traced; checks
        from minka.connections import ask_often
        from minka.roles import grant

        ask_often()
        # Sent for apps that have models only, and once all migrations are through.
        post_migrate.connect(grant, sender=apps.get_app_config("annotations"), dispatch_uid="minka.roles")


class Panel(AdminConfig):
    """Django's panel, whose first page says what waits."""

    default_site = "annotations.moderation.board.site.PanelSite"


class Static(StaticFilesConfig):
    """What no page of ours links is not collected: it was half of the files, and half of the time to compress them."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "django_htmx"]
