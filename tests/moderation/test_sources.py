"""Where texts come from: under which terms, how many, and how many are held back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.corpus.models import Source
from annotations.people.demo import seed_people
from annotations.people.models import Person
from tests.assignments.test_table import client_of
from tests.cast import line, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def carmen(seeds: None) -> Client:
    seed_people()
    return client_of(Person.objects.get(username="carmen"))


def test_each_source_is_told_with_its_terms_and_what_is_held_back(carmen: Client) -> None:
    world(
        line("1", source="Radio"), line("2", "Mi RUT es 12.345.678-5.", "Otra.", source="Radio"),
        line("3", source="Nadie sabe", licence=""),
    )  # fmt: skip
    rows = carmen.get(reverse("admin:annotations_source_changelist")).context["cl"].result_list
    told = {row.name: (row.licence, row.n_prompts, row.n_held) for row in rows}
    assert told == {"Radio": ("CC0-1.0", 2, 1), "Nadie sabe": ("", 1, None)}
    shown = carmen.get(reverse("admin:annotations_source_changelist")).content.decode()
    assert "nadie lo dijo: no va en ninguna publicación" in shown


def test_a_list_of_many_asks_no_more(carmen: Client) -> None:
    world(line("1", source="Una"))
    url = reverse("admin:annotations_source_changelist")
    carmen.get(url)
    with CaptureQueriesContext(connection) as before:
        carmen.get(url)
    world(*(line(f"n{n}", source=f"Fuente {n}") for n in range(9)), slug="otra")
    with CaptureQueriesContext(connection) as after:
        carmen.get(url)
    assert len(after) <= len(before)
    assert Source.objects.count() == 10
