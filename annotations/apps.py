"""One Django app; its chapters register their kinds and rights here."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Minka"

    def ready(self) -> None:
        # Inside ready(): the chapters' modules import models.
        from annotations.assignments import kinds
        from annotations.assignments.queries import answers_told, items_told
        from annotations.people.rights import registry as rights
        from annotations.quality.actions import erase_judgements
        from annotations.rating.kind import VOTE

        kinds.register(VOTE)
        rights.register(
            rights.Right(
                "annotations.SpokenVariety", "person", ("variety_id", "how", "command", "since", "until"), "delete",
                when="since",
            ),
            rights.Right("annotations.SensitiveFacts", "person", (), "delete"),
            rights.Right("annotations.RequestText", "person", ("request_id", "text"), "delete"),
            rights.Right("annotations.Session", "person", ("expire_date",), "delete"),
            rights.Right(
                "annotations.Assignment", "person", ("id", "item_id", "state", "claimed_at"), "unlink",
                when="claimed_at", erase=erase_judgements,
            ),
            rights.Right(
                "annotations.Judgement", "person",
                ("assignment_id", "kind", "opt_out", "judge_variety_id", "guideline_version", "consent_id", "language",
                 "channel", "seconds", "client_at", "received_at", "late", "counted", "not_counted", "undone_at"),
                "unlink", when="received_at", erase=erase_judgements,
            ),
            rights.Right("annotations.Receipt", "person", ("key",), "delete"),
            rights.Right("knox.AuthToken", "user", ("created", "expiry"), "delete", when="created"),
            rights.Right(
                "admin.LogEntry", "user", ("action_time", "action_flag"), "keep",
                "that something was changed by hand stays on record, no longer by whom", when="action_time",
            ),
        )  # fmt: skip
        rights.register_file("items.jsonl", items_told)
        rights.register_file("answers.jsonl", answers_told)
