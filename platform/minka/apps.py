"""The house as a Django app: it has no tables, but checks, roles and a queue to set up."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MinkaConfig(AppConfig):
    name = "minka"

    def ready(self) -> None:
        from minka import security  # noqa: F401, PLC0415 -- registers the checks
        from minka.roles import grant  # noqa: PLC0415

        post_migrate.connect(grant, sender=self, dispatch_uid="minka.roles")
