"""Letting people in, and no more."""

import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.admissions.models import Admission
from annotations.assignments.models import Campaign
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.people.standing import require_right

MAY_ADMIT = "annotations.change_campaign"
MOST_AT_ONCE = 500
"""Names that are read at a time."""


@transaction.atomic
def enter(*, person: Person, campaign: Campaign, key: str) -> Admission:
    """Take part by the campaign's link; who does already goes on doing so.

    Raises:
        Refused: `not_found` (it is not, or no more, the link of a campaign that has one), `not_invited` (a lead ended
            it).
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    ours = campaign.link if campaign.access == Campaign.Access.LINK else ""
    if not ours or not secrets.compare_digest(ours.encode(), key.encode()):
        raise Refused("not_found")
    admission, _new = Admission.objects.get_or_create(campaign=campaign, person=person)
    if admission.until is not None:
        raise Refused("not_invited")
    return admission


@transaction.atomic
def admit(*, by: Person, campaign: Campaign, names: Collection[str]) -> list[Admission]:
    """Whoever has one of these user names takes part from now on: all of them, or, where one is nobody's, none.

    Raises:
        Refused: `suspended`, `forbidden`, `invalid` (too many at once, or names of no account, each told).
    """
    require_right(by, MAY_ADMIT)
    if len(names) > MOST_AT_ONCE:
        raise Refused("invalid", _("At most %d names at a time.") % MOST_AT_ONCE)
    people = {name: Person.objects.named(name).first() for name in names}
    if unknown := sorted(name for name, person in people.items() if person is None):
        raise Refused("invalid", _("There is no account of this name: %s") % ", ".join(unknown), {"names": unknown})
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    return [_admit(by, campaign, person) for person in people.values() if person is not None]


def _admit(by: Person, campaign: Campaign, person: Person) -> Admission:
    admission, new = Admission.objects.get_or_create(campaign=campaign, person=person, defaults={"by": by})
    if not new and admission.until is not None:
        admission.by, admission.since, admission.until = by, timezone.now(), None
        admission.save(update_fields=["by", "since", "until"])
    return admission


@transaction.atomic
def end_admissions(*, by: Person, campaign: Campaign, admissions: Collection[int]) -> int:
    """These take part no more: no link lets them in again, a lead may. Returns how many did until now.

    Raises:
        Refused: `suspended`, `forbidden`.
    """
    require_right(by, MAY_ADMIT)
    return Admission.objects.filter(campaign=campaign, pk__in=admissions, until=None).update(until=timezone.now())


@transaction.atomic
def renew_link(*, by: Person, campaign: Campaign) -> str:
    """A new link, and the old one opens nothing; who came by it stays.

    Raises:
        Refused: `suspended`, `forbidden`.
    """
    require_right(by, MAY_ADMIT)
    campaign.link = new_link()
    campaign.save(update_fields=["link"])
    return campaign.link


def new_link() -> str:
    return secrets.token_urlsafe(24)
