"""One Django app; its chapters register their kinds and rights here."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Minka"

    def ready(self) -> None:
        # Inside ready(): the chapters' modules import models.
        from annotations.assignments import kinds
        from annotations.assignments.guests import signals as guests  # noqa: F401 -- connected by being imported
        from annotations.assignments.guests.queries import waiting_told
        from annotations.assignments.queries import answers_told, items_told
        from annotations.assignments.stewards.actions import forget_markings
        from annotations.people.accounts import signals as accounts
        from annotations.people.accounts.actions import forget_wishes
        from annotations.people.rights import registry as rights
        from annotations.people.stewards.actions import forget_reasons
        from annotations.quality.actions import erase_judgements
        from annotations.rating.kind import VOTE

        kinds.register(VOTE)
        accounts.connect()
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
                "annotations.Steward", "person",
                ("variety_id", "shown_name", "proposed_at", "accepted_at", "ended_at"), "keep",
                "a community's appointments stay on record, no longer whose they were", when="accepted_at",
            ),
            rights.Right(
                "annotations.Steward", "proposed_by", ("variety_id", "why", "proposed_at"), "keep",
                "as above", when="proposed_at", erase=forget_reasons,
            ),
            rights.Right(
                "annotations.Steward", "recorded_by", ("variety_id", "letter_body", "recorded_at"), "keep", "as above"
            ),
            rights.Right(
                "annotations.StewardsDecision", "proposed_by", ("variety_id", "kind", "reason", "proposed_at"), "keep",
                "a community's decisions stay on record with their reasons", when="proposed_at",
            ),
            rights.Right(
                "annotations.StewardsApproval", "person", ("decision_id", "approves", "at"), "keep",
                "a decision needs its quorum to be seen", when="at",
            ),
            rights.Right(
                "annotations.VarietyProposal", "proposed_by",
                ("name", "other_names", "place", "parent_id", "why", "proposed_at", "state", "note"), "delete",
                when="proposed_at",
            ),
            rights.Right(
                "annotations.VarietyProposal", "decided_by", ("name", "state", "decided_at"), "keep",
                "the answer belongs to who asked",
            ),
            rights.Right(
                "annotations.Hidden", "hidden_by", ("item_id", "kind", "code", "text", "hidden_at"), "keep",
                "what was hidden stays hidden", when="hidden_at", erase=forget_markings,
            ),
            rights.Right(
                "annotations.Judgement", "person",
                ("assignment_id", "kind", "opt_out", "judge_variety_id", "guideline_version", "consent_id", "language",
                 "channel", "seconds", "client_at", "received_at", "late", "counted", "not_counted", "undone_at"),
                "unlink", when="received_at", erase=erase_judgements,
            ),
            rights.Right("annotations.Receipt", "person", ("key",), "delete"),
            rights.Right("annotations.WayBack", "person", ("made_at", "expires_at"), "delete"),
            rights.Right("annotations.Help", "person", ("asked_at", "agreed_at"), "delete"),
            rights.Right(
                "annotations.Help", "asked_by", ("asked_at", "reason"), "keep",
                "that two people let somebody back in stays on record", erase=forget_wishes,
            ),
            rights.Right(
                "annotations.Help", "agreed_by", ("agreed_at",), "keep", "that two people agreed stays on record"
            ),
            rights.Right("account.EmailAddress", "user", ("email", "verified"), "delete"),
            rights.Right("mfa.Authenticator", "user", ("type", "created_at", "last_used_at"), "delete"),
            rights.Right("annotations.Guest", "person", ("variety_id", "agreed_at"), "delete"),
            rights.Right("knox.AuthToken", "user", ("created", "expiry"), "delete", when="created"),
            rights.Right(
                "admin.LogEntry", "user", ("action_time", "action_flag"), "keep",
                "that something was changed by hand stays on record, no longer by whom", when="action_time",
            ),
        )  # fmt: skip
        rights.register_file("items.jsonl", items_told)
        rights.register_file("answers.jsonl", answers_told)
        rights.register_file("waiting.jsonl", waiting_told)
