"""The seed tables: whole, loaded again without harm, and bettered by changing their files."""

from pathlib import Path

import pytest
from django.core.management import call_command

from annotations.flagging.models import BiasCategory, Severity, TargetGroup
from annotations.people.models import MacroZone, Variety
from annotations.people.seeding import SEEDS, load_varieties
from annotations.people.stewards.queries import governed
from annotations.rating.models import RubricPoint

pytestmark = pytest.mark.django_db
TABLES = (MacroZone, Variety, Severity, TargetGroup, BiasCategory, RubricPoint)


def test_the_tables_are_whole_and_a_second_time_changes_nothing(capsys) -> None:
    call_command("load_seeds")
    first = [list(table.objects.order_by("pk").values()) for table in TABLES]
    call_command("load_seeds")
    assert [list(table.objects.order_by("pk").values()) for table in TABLES] == first
    assert [len(rows) for rows in first] == [24, 118, 4, 48, 15, 40]


def test_lineage_leads_to_the_root() -> None:
    load_varieties()
    assert Variety.objects.get(tag="es-CO-x-paisa").lineage == ["es-CO-x-paisa", "es-CO", "es-419", "es"]
    assert all(variety.lineage[0] == variety.tag for variety in Variety.objects.all())


def test_what_its_speakers_have_not_decided_counts_as_governed() -> None:
    load_varieties()
    assert set(governed().filter(tag__in=["quz", "gug", "es-CL"]).values_list("tag", flat=True)) == {"quz", "gug"}


def test_names_of_groups_in_categories_are_groups() -> None:
    call_command("load_seeds")
    groups = set(TargetGroup.objects.values_list("code", flat=True))
    assert {group for category in BiasCategory.objects.all() for group in category.target_groups} <= groups


def test_a_better_name_is_taken_over_under_the_same_tag(tmp_path: Path) -> None:
    load_varieties()
    text = (SEEDS / "varieties.csv").read_text("utf-8")
    better = tmp_path / "varieties.csv"
    better.write_text(text.replace("español de México", "español mexicano"), "utf-8")
    load_varieties(better)
    assert Variety.objects.get(tag="es-MX").name_es == "español mexicano"
    assert Variety.objects.count() == 118


def test_a_circle_of_parents_is_a_fault_of_the_file(tmp_path: Path) -> None:
    broken = tmp_path / "varieties.csv"
    lines = (SEEDS / "varieties.csv").read_text("utf-8").splitlines()
    broken.write_text("\n".join([lines[0], lines[1].replace("language,,", "language,es,")]), "utf-8")
    with pytest.raises(ValueError, match="its own descendant"):
        load_varieties(broken)
