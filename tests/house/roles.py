"""Everybody who can knock at a door of the house, and something behind every door: what `test_access.py` walks with.

Of whoever owns something there is one more with the same rights who does not: `owner` and `other` are volunteers,
`steward` and `afar` stewards of different varieties, `part` and `apart` moderators of different parts of the house,
`engineer` and `second` people who train.
"""

import datetime as dt
import uuid
from io import StringIO
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import models, transaction
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from annotations.assignments.models import Assignment
from annotations.assignments.stewards.models import Hidden
from annotations.corpus.models import Output
from annotations.moderation.sanctions.models import Sanction
from annotations.people.actions import join, new_token
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.remits.models import Remit
from annotations.people.roles import found_roles
from annotations.people.stewards.models import Steward
from annotations.training.models import TrainingRun
from tests.browser import scene
from tests.cast import appoint
from tests.runs.world import engineer

WHO = ("guest", "fresh", "owner", "other", "steward", "afar", "part", "apart", "moderator", "lead", "engineer",
       "second", "auditor", "house")  # fmt: skip
TEAM = {"part": "moderator", "apart": "moderator", "moderator": "moderator", "lead": "campaign lead",
        "engineer": "training engineer", "second": "training engineer", "auditor": "auditor"}  # fmt: skip
NAMES = {"owner": "ana-ve", "steward": "vocera-ve", "engineer": "diego-ve"}
"""Who of them is somebody of the scene."""
PASSWORD = scene.PASSWORD


def facts_of(name: str) -> dict[str, Any]:
    """What a row takes beside its defaults, to be one of those that the constraints of its table let be."""
    output = Output.objects.order_by("-pk").values_list("pk", flat=True)[0]
    hold = {"work": "vote", "variety_id": "quz", "person_id": Person.objects.get(username=NAMES["owner"]).pk}
    return {
        "alarm": {"towards": 0, "away": 1}, "expertanswer": {"id": uuid.UUID(int=1)},
        "flag": {"wrong": True, "categories": ["genero"], "stance": "endorsed", "severity": 3},
        "translation": {"text": "Hola."}, "retraction": {"reason": "quality"},
        "appeal": {"sanction_id": Sanction.objects.latest("pk").pk},
        "externalvote": {"outputs": [], "held_back": "personal_data"},
        "vouch": {"person_id": Person.objects.get(username="other").pk}, "ruling": {"kind": "more", "votes": 1},
        "estimate": {"outcome": "tie"}, "agreement": {"undefined": "few"}, "hold": hold, "alike": {"output_id": output},
    }.get(name, {})  # fmt: skip


class Scene:
    """The people of `WHO`, their browsers and machines, and what stands in addresses' blanks."""

    def __init__(self) -> None:
        call_command("load_seeds", verbosity=0, stdout=StringIO())
        self.told = scene.made()
        found_roles()
        self.people = {who: self._person(who) for who in WHO if who != "guest"}
        for country in ("CL", "AR", "PE"):  # all of the scene is of there
            Remit.objects.create(person=self.people["part"], country=country)
        Remit.objects.create(person=self.people["apart"], country="UY")
        scene.arm("auditor")
        self.rows = {str(panel.model._meta.model_name): _row_of(panel.model) for panel in panels()}
        self.seat = Assignment.objects.get(pk=self.told["uuid:assignment"][0])
        self.offered = Steward.objects.get(person=self.people["owner"], variety="quy")
        self.hidden = Hidden.objects.get().pk
        self.prompt = TrainingRun.objects.get().prompts.order_by("place").values_list("prompt", flat=True)[0]
        self.browsers = {who: _browser(self.people.get(who)) for who in WHO}
        self.machines = {who: _machine(self.people.get(who)) for who in WHO}

    def _person(self, who: str) -> Person:
        name = NAMES.get(who, who)
        person = Person.objects.filter(username=name).first()
        if who == "fresh":
            person = join(username=who, password=PASSWORD, language="es", adult=True)
        elif who == "second":
            person = engineer(who)
        elif who == "house":
            person = Person.objects.create_superuser(who, PASSWORD)
        elif person is None:
            person = volunteer(name, PASSWORD, "es-PE" if who == "afar" else "es-CL")
        if who == "afar":
            appoint(person, "arn")
        if who in TEAM:
            person.user_permissions.clear()
            person.groups.add(Group.objects.get(name=TEAM[who]))
            Person.objects.filter(pk=person.pk).update(is_staff=True)
        return Person.objects.get(pk=person.pk)


def panels() -> list[admin.ModelAdmin[Any]]:
    """The pages of the panel by their models, in the order in which a row of one may need a row of another."""
    later = {"handout", "alike", "expertanswer"}
    return sorted(admin.site._registry.values(), key=lambda panel: panel.model._meta.model_name in later)


def _browser(person: Person | None) -> Client:
    client = Client(headers={"Accept-Language": "en"}, raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def _machine(person: Person | None) -> Client:
    headers = {"Authorization": f"Token {new_token(person=person)}"} if person else {}
    return Client(headers=headers, raise_request_exception=False)


def _row_of(model: type[models.Model]) -> models.Model:
    """A row the panel can show: the newest there is, or one made for it."""
    if (row := model._default_manager.order_by("-pk").first()) and model is not Person:
        return row
    if model is Person:
        return Person.objects.get(username=NAMES["owner"])
    if model is AuthToken:
        return AuthToken.objects.create(user=Person.objects.get(username=NAMES["owner"]))[0]
    facts = {field.attname: _value(field) for field in model._meta.concrete_fields if _must(field)}
    with transaction.atomic():
        return model._default_manager.create(**facts | facts_of(str(model._meta.model_name)))


def _must(field: Any) -> bool:
    given = field.has_default() or field.null or getattr(field, "auto_now_add", False)
    return not (given or (field.primary_key and not field.related_model) or isinstance(field, models.GeneratedField))


def _value(field: Any) -> Any:
    if field.related_model:
        return _pointed_to(field)
    kind = field.get_internal_type()
    if field.choices and not field.blank:
        return field.flatchoices[0][0]
    if any(word in kind for word in ("Char", "Text", "Slug")):
        return "" if field.blank else "x"
    return {"DateTimeField": timezone.now(), "DateField": dt.date(2026, 1, 2), "UUIDField": uuid.uuid4(),
            "BooleanField": False, "JSONField": {}, "ArrayField": [], "FloatField": 0.5}.get(kind, 1)  # fmt: skip


def _pointed_to(field: Any) -> Any:
    if field.related_model is Person:
        return Person.objects.get(username=NAMES["owner"]).pk
    if field.related_model is Variety:
        return "quz"
    rows = field.related_model._default_manager.order_by("-pk")
    if field.related_model is Assignment:  # whose keys are in no order
        rows = rows.filter(item__variety="es-CL").order_by("claimed_at")
    row = rows.first()
    return getattr(row, field.target_field.attname) if row else None
