"""The platform's side of `tests/training/test_asking.py`, which serves real models and runs this by name."""

import json
import os

import pytest
from django.conf import settings

from annotations.assignments.models import Item
from annotations.assignments.seats import next_for
from annotations.people.models import Person
from annotations.writing.asking.jobs import ask
from annotations.writing.asking.models import Question
from tests.cast import people
from tests.writing.test_asking import accepted

pytestmark = pytest.mark.django_db


def test_what_was_accepted_is_a_vote_between_what_two_real_models_answered() -> None:
    names = [row["name"] for row in settings.MINKA_MODELS]
    campaign, ana = accepted(text=os.environ["SERVED_QUESTION"], models=names)
    ask()
    assert [question.problem for question in Question.objects.order_by("pk")] == ["", ""]
    item = Item.objects.get(kind="vote")
    assert sorted(item.outputs.values_list("text", flat=True)) == sorted(json.loads(os.environ["SERVED_ANSWERS"]))
    assert item.author == ana
    (bea,) = people(1)
    assert next_for(person=bea, campaign=campaign, of_kinds=["vote"])
    assert next_for(person=Person.objects.get(pk=ana.pk), campaign=campaign, of_kinds=["vote"]) is None
