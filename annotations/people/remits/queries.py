"""Questions about remits: what somebody looks after, and which rows lie in it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Model, Q, QuerySet

from annotations.people.models import Person, SpokenVariety, Variety
from annotations.people.remits.models import Remit


def remit_of(by: Person) -> frozenset[str] | None:
    """Tags of the varieties they look after; none at all once what they were given is over. None, and so the whole
    house, for who runs it and for who was never given a part. Asked once of each `Person` at hand."""
    if "_remit" not in by.__dict__:
        by.__dict__["_remit"] = _remit_of(by)
    found: frozenset[str] | None = by.__dict__["_remit"]
    return found


def _remit_of(by: Person) -> frozenset[str] | None:
    given = list(Remit.objects.filter(person=by).values_list("variety", "country", "until"))
    if by.is_superuser or not given:
        return None
    asked = Q(pk__in=[])
    for variety, country, until in given:
        if until is None:
            asked |= Q(lineage__contains=[variety]) if variety else Q(countries__contains=[country])
    return frozenset(Variety.objects.filter(asked).values_list("tag", flat=True))


def within(rows: QuerySet[Any], by: Person, *, varieties: Collection[str] = (), person: str = "") -> QuerySet[Any]:
    """Of these rows those in somebody's remit: where one of the paths `varieties` leads to a variety of theirs, or
    whoever `person` leads to speaks one or once said so: nobody leaves a part by saying that they speak something else.
    Where neither path is said they are in nobody's part, and all of the team see them. A row that leads to nothing is
    for who looks after the house."""
    if not varieties and not person:
        return rows
    tags = remit_of(by)
    if tags is None:
        return rows
    asked = Q(pk__in=[])
    for path in varieties:
        found = Q(**{f"{path}__in": tags})
        if _leads_to_many(rows.model, path):
            found = Q(pk__in=rows.model._default_manager.filter(found).values("pk"))
        asked |= found
    if person:
        asked |= Q(**{f"{person}__in": _spoke(tags)})
    return rows.filter(asked)


def _leads_to_many(model: type[Model], path: str) -> bool:
    for step in path.split("__"):
        field: Any = model._meta.get_field(step)
        if field.one_to_many or field.many_to_many:
            return True
        model = field.related_model
    return False


def looks_after(by: Person, *varieties: str) -> bool:
    """Whether one of these varieties is in their remit."""
    tags = remit_of(by)
    return tags is None or not tags.isdisjoint(varieties)


def looks_after_person(by: Person, person: Person) -> bool:
    """Whether somebody speaks a variety that is in their remit, or once said so."""
    tags = remit_of(by)
    return tags is None or _spoke(tags).filter(person=person).exists()


def _spoke(tags: Collection[str]) -> Any:
    return SpokenVariety.objects.filter(variety__in=tags).values("person")


def looked_after(by: Person) -> QuerySet[Variety]:
    """The varieties in somebody's remit, which are all of them for who looks after the house."""
    tags = remit_of(by)
    rows = Variety.objects.order_by("tag")
    return rows if tags is None else rows.filter(tag__in=tags)
