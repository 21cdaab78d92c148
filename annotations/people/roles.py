"""What each role of the team may do. A house has these groups, with these rights, from its first start; whoever wants
other rights makes a group of its own. Who runs the house (a superuser) may do everything; stewards are no role of the
panel: what they may do follows from their letter (`stewards/`). To what part of the house a role is held, says a remit
(`remits/`)."""

from collections.abc import Mapping
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db import transaction

LOOKS: Final = tuple(
    f"view_{model}"
    for model in ("campaign", "item", "cell", "judgement", "vote", "score", "demonstration", "correction",
                  "promptproposal", "question", "translation", "approved", "term", "flag", "look", "review", "reviewed",
                  "verdict", "estimate", "agreement", "hold", "release", "prompt", "output", "source", "modelversion",
                  "variety", "varietyproposal", "consent", "person", "steward", "charter", "stewardsdecision",
                  "stewardslog", "communitylabel", "hidden", "anchor", "alarm", "confirmed", "vouch", "watched",
                  "known", "objection", "trainingrun", "edition", "pin", "delivery", "partnership", "handout",
                  "sanction", "appeal", "purge", "ruling", "expert", "expertdesk", "expertset", "expertrecord",
                  "expertanswer", "remit", "inquiry", "openanswer", "externalbatch", "externalvote", "retraction",
                  "consenttext")
)  # fmt: skip
_MODERATES: Final = (
    "change_hidden", "change_look", "see_quality", "release_holds", "see_signals", "look_at_signals", "see_reliability",
    "change_known", "change_objection", "add_sanction", "change_sanction", "change_appeal", "add_purge", "change_purge",
    "add_ruling", "add_expertrecord", "change_expertrecord", "change_inquiry", "change_openanswer",
)  # fmt: skip
_LEADS: Final = (
    "add_campaign", "change_campaign", "add_item", "change_steward", "change_varietyproposal", "help_back_in",
    "see_quality", "release_holds", "change_confirmed", "add_term", "change_term", "delete_term", "add_anchor",
    "change_anchor", "change_alarm", "see_signals", "look_at_signals", "add_watched", "delete_watched",
    "see_reliability", "change_known", "add_edition", "change_edition", "add_pin", "change_pin", "add_release",
    "retract_release", "approve_consenttext", "add_sanction", "change_sanction", "change_appeal", "add_purge",
    "change_purge", "add_ruling", "add_expertdesk", "change_expertdesk", "add_expertrecord", "change_expertrecord",
    "change_expert", "add_remit", "change_remit", "view_change", "view_credit", "change_inquiry", "change_openanswer",
    "add_externalbatch", "change_externalbatch", "change_externalvote",
)  # fmt: skip
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "moderator": (*LOOKS, *_MODERATES),
    "campaign lead": (*LOOKS, *_LEADS),
    "training engineer": (
        "add_item", "view_item", "view_campaign", "add_release", "view_release", "add_trainingrun", "view_trainingrun",
    ),
    "auditor": (*LOOKS, "see_quality", "see_reliability", "see_signals", "view_change", "view_request"),
}  # fmt: skip
"""By the name of the group. An auditor reads everything and changes nothing."""


@transaction.atomic
def found_roles() -> int:
    """Every role with the rights it has now: a house gets what was added since with its next start."""
    for name, rights in ROLES.items():
        group, _new = Group.objects.get_or_create(name=name)
        group.permissions.set(
            Permission.objects.filter(content_type__app_label="annotations", codename__in=rights)
        )  # fmt: skip
    return len(ROLES)
