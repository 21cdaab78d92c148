"""Questions about anchors."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.people.anchors.models import Anchor
from annotations.people.models import Person


def anchors_now() -> QuerySet[Anchor]:
    return Anchor.objects.filter(until=None)


def anchored_in(person: Person, may_judge: Mapping[str, str]) -> list[str]:
    """Of what a person may judge (an item's variety -> their own they judge it as), where their word is trusted."""
    own = set(anchors_now().filter(person=person).values_list("variety_id", flat=True))
    return sorted(variety for variety, judged_as in may_judge.items() if judged_as in own)


def was_trusted(person: str, variety: str, at: str) -> Exists:
    """True where the person at this path was an anchor for the variety at that one, at the moment at the third."""
    then = Anchor.objects.filter(person=OuterRef(person), variety=OuterRef(variety), since__lte=OuterRef(at))
    return Exists(then.filter(Q(until=None) | Q(until__gt=OuterRef(at))))
