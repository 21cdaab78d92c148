"""Questions about anchors."""

from collections.abc import Mapping

from django.db.models import QuerySet

from annotations.people.anchors.models import Anchor
from annotations.people.models import Person


def anchors_now() -> QuerySet[Anchor]:
    return Anchor.objects.filter(until=None)


def anchored_in(person: Person, may_judge: Mapping[str, str]) -> list[str]:
    """Of what a person may judge (an item's variety -> their own they judge it as), where their word is trusted."""
    own = set(anchors_now().filter(person=person).values_list("variety_id", flat=True))
    return sorted(variety for variety, judged_as in may_judge.items() if judged_as in own)


def is_anchor(person: Person, variety: str) -> bool:
    """Whether what this person judges as a speaker of the variety is trusted now."""
    return anchors_now().filter(person=person, variety=variety).exists()
