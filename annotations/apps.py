"""One Django app; its chapters register their kinds and rights here."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Minka"

    def ready(self) -> None:
        # Inside ready(): the chapters' modules import models.
        from annotations.assignments import kinds
        from annotations.assignments.guests import signals as guests
        from annotations.assignments.packs import signals as packs
        from annotations.datasets.keeping import registry as keeping
        from annotations.datasets.keeping.queries import CITATION, EDITION
        from annotations.flagging.kind import FLAG
        from annotations.people.accounts import signals as accounts
        from annotations.people.rights import registry
        from annotations.rating.kind import SCORE, VOTE
        from annotations.reviewing.kind import REVIEW
        from annotations.rights import FILES, RIGHTS
        from annotations.training.queries import RUN
        from annotations.translating.kind import TRANSLATION
        from annotations.writing.kind import CORRECTION, DEMONSTRATION, PROMPT

        for kind in (VOTE, SCORE, DEMONSTRATION, CORRECTION, PROMPT, TRANSLATION, FLAG, REVIEW):
            kinds.register(kind)
        accounts.connect()
        guests.connect()
        packs.connect()
        keeping.register(EDITION, CITATION, RUN)
        registry.register(*RIGHTS)
        for name, tell in FILES.items():
            registry.register_file(name, tell)
