"""Giving a name to be thanked by, and taking it back."""

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_11_2

from annotations.errors import Refused
from annotations.people.credits.models import Credit
from annotations.people.models import Person

PURPOSE = "credit"


def orcid_of(text: str) -> str:
    """An ORCID as it is written, from its digits or its address; empty for nothing.

    Raises:
        Refused: `invalid`: it has another length, or its check character is another.
    """
    digits = text.strip().upper().removeprefix("HTTPS://ORCID.ORG/").replace("-", "").replace(" ", "")
    if not digits:
        return ""
    if not re.fullmatch(r"\d{15}[\dX]", digits, re.ASCII) or not mod_11_2.is_valid(digits):
        raise Refused("invalid", _("This is no ORCID: sixteen digits, the last of which checks the others."),
                      {"orcid": "invalid"})  # fmt: skip
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


@transaction.atomic
def tell_credit(*, person: Person, name: str, affiliation: str, orcid: str) -> None:
    """By this name they are thanked from now on; without one, by their user name, and nothing is kept.

    Raises:
        Refused: `consent_required` without the purpose `credit`, `invalid` for what is no ORCID, and for one or an
            affiliation without a name.
    """
    person = Person.objects.lock(person)
    if person.consent is None or not person.consent.purposes.get(PURPOSE):
        raise Refused("consent_required", errors={"purpose": PURPOSE})
    told = {"name": name.strip(), "affiliation": affiliation.strip(), "orcid": orcid_of(orcid)}
    if told["name"]:
        Credit.objects.update_or_create(person=person, defaults=told | {"changed_at": timezone.now()})
    elif any(told.values()):
        raise Refused("invalid", _("A name stands with it."), {"name": "missing"})
    else:
        Credit.objects.filter(person=person).delete()
