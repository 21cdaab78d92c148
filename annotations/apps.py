"""One Django app; its chapters register their kinds and rights here."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Minka"

    def ready(self) -> None:
        # Inside ready(): the chapters' modules import models.
        from annotations.assignments import kinds
        from annotations.assignments.guests import signals as guests  # noqa: F401 -- connected by being imported
        from annotations.people import rights
        from annotations.people.accounts import signals as accounts
        from annotations.rating.kind import VOTE

        kinds.register(VOTE)
        accounts.connect()
        rights.register(
            rights.Right(
                "annotations.SpokenVariety", "person", ("variety_id", "how", "command", "since", "until"), "delete"
            ),
            rights.Right(
                "annotations.Steward", "person",
                ("variety_id", "why", "shown_name", "proposed_at", "accepted_at", "ended_at"), "unlink",
            ),
            rights.Right("annotations.Steward", "proposed_by", ("variety_id", "why", "proposed_at"), "unlink"),
            rights.Right(
                "annotations.Steward", "recorded_by", ("variety_id", "letter_body", "recorded_at"), "unlink"
            ),
            rights.Right(
                "annotations.StewardsDecision", "proposed_by", ("variety_id", "kind", "reason", "proposed_at"), "unlink"
            ),
            rights.Right("annotations.StewardsApproval", "person", ("decision_id", "approves", "at"), "unlink"),
            rights.Right(
                "annotations.VarietyProposal", "proposed_by",
                ("name", "other_names", "place", "parent_id", "why", "proposed_at", "state", "note"), "unlink",
            ),
            rights.Right("annotations.VarietyProposal", "decided_by", ("name", "state", "decided_at"), "unlink"),
            rights.Right(
                "annotations.Hidden", "hidden_by", ("item_id", "kind", "code", "text", "hidden_at"), "unlink"
            ),
            rights.Right("annotations.Assignment", "person", ("id", "item_id", "state", "claimed_at"), "unlink"),
            rights.Right(
                "annotations.Judgement", "person",
                ("kind", "opt_out", "judge_variety_id", "language", "channel", "seconds", "received_at"), "unlink",
            ),
            rights.Right("annotations.Receipt", "person", ("key",), "unlink"),
            rights.Right("annotations.Session", "person", ("expire_date",), "delete"),
            rights.Right("annotations.WayBack", "person", ("made_at", "expires_at"), "delete"),
            rights.Right("annotations.Help", "person", ("asked_at", "agreed_at"), "delete"),
            rights.Right("annotations.Help", "asked_by", ("asked_at",), "unlink"),
            rights.Right("annotations.Help", "agreed_by", ("agreed_at",), "unlink"),
            rights.Right("account.EmailAddress", "user", ("email", "verified"), "delete"),
            rights.Right("mfa.Authenticator", "user", ("type", "created_at", "last_used_at"), "delete"),
            rights.Right("annotations.Guest", "person", ("variety_id", "agreed_at"), "delete"),
            rights.Right("knox.AuthToken", "user", ("created", "expiry"), "delete"),
            rights.Right(
                "admin.LogEntry", "user", ("action_time", "object_repr"), "keep", "what staff did stays on record"
            ),
        )  # fmt: skip
