"""A release, or a slice of it, is read in a workspace of a real Argilla server, and goes again when it is recalled."""

import os
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from annotations.datasets.actions import publish
from annotations.datasets.models import Release
from annotations.datasets.recalls.actions import retract
from annotations.datasets.targets import argilla
from annotations.datasets.targets.actions import follow_recalls, plan, push
from annotations.datasets.targets.models import Delivery
from annotations.datasets.targets.port import TargetFailed
from annotations.quality.argilla.link import Argilla
from annotations.quality.argilla.port import DeskFailed, Task
from tests.quality.argilla.real import Workspace
from tests.quality.argilla.scene import voted

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def target(workspace: Workspace, settings: Any, config: str = "preference", **more: str) -> str:
    os.environ["MINKA_ARGILLA_KEY"] = workspace.key
    facts = "".join(f"&{name}={value}" for name, value in more.items())
    settings.MINKA_RELEASE_TARGETS = {
        "lectura": f"argilla://{workspace.name}/{config}?endpoint={workspace.server.url}{facts}"
    }
    return "lectura"


@pytest.fixture(autouse=True)
def _key() -> Any:
    yield
    os.environ.pop("MINKA_ARGILLA_KEY", None)


def read(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """By data set what stands there."""
    return {
        each["name"]: workspace.server.ask("GET", f"datasets/{each['id']}/records?limit=1000")["items"]
        for each in workspace.datasets()
    }


def test_a_release_is_read_there_and_is_sent_once(workspace: Workspace, settings: Any) -> None:
    voted("111", "222", "12t")
    release = publish()
    name = target(workspace, settings)
    would = plan(release=release, target=name)
    assert [file.split("/")[1] for file in would.files] == ["preference"]
    assert read(workspace) == {}, "a dry run sends nothing"
    told: list[str] = []
    delivery = push(release=release, target=name, told=told.append)
    assert (delivery.state, told) == ("there", list(would.files))
    ((dataset, rows),) = read(workspace).items()
    assert dataset == f"{release.version}-preference"
    assert {row["fields"]["chosen"] for row in rows} == {
        "assistant: Respuesta larga item-0.", "assistant: Corta item-1.",
    }  # fmt: skip
    assert "model-" in rows[0]["fields"]["meta"], "what is published is published"
    told.clear()
    push(release=release, target=name, told=told.append)
    assert told == []
    assert plan(release=release, target=name).there == 1


def test_what_was_cut_goes_on_where_it_was(
    workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    voted(*["111"] * 5)
    release, name = publish(), target(workspace, settings)
    monkeypatch.setattr(argilla, "AT_ONCE", 2)
    pushed: list[int] = []
    real = Argilla.push

    def once(self: Argilla, dataset: str, tasks: list[Task]) -> None:
        if len(pushed) == 1:
            raise DeskFailed("no_connection")
        pushed.append(len(tasks))
        real(self, dataset, tasks)

    monkeypatch.setattr(Argilla, "push", once)
    with pytest.raises(TargetFailed, match="no_connection"):
        push(release=release, target=name)
    assert Delivery.objects.get().problem == "no_connection"
    pushed.clear()

    def whole(self: Argilla, dataset: str, tasks: list[Task]) -> None:
        pushed.append(len(tasks))
        real(self, dataset, tasks)

    monkeypatch.setattr(Argilla, "push", whole)
    assert push(release=release, target=name).state == "there"
    assert pushed == [2, 1], "two were there already"
    assert len(next(iter(read(workspace).values()))) == 5


def test_a_slice_is_a_variety_or_so_many(workspace: Workspace, settings: Any) -> None:
    voted(*["111"] * 4)
    release = publish()
    push(release=release, target=target(workspace, settings, most="3"))
    ((name, rows),) = read(workspace).items()
    assert (name, len(rows)) == (f"{release.version}-preference", 3)
    Delivery.objects.all().delete()
    push(release=release, target=target(workspace, settings, variety="es-MX"))
    assert list(read(workspace)) == [name], "nothing of that variety is in it"
    Delivery.objects.all().delete()
    push(release=release, target=target(workspace, settings, "judgements", variety="es-CL"))
    assert len(read(workspace)[f"{release.version}-judgements-es-CL"]) == 12


def test_what_was_recalled_is_read_no_more(workspace: Workspace, settings: Any) -> None:
    voted("111")
    release, name = publish(), target(workspace, settings)
    push(release=release, target=name)
    assert len(read(workspace)) == 1
    retract(release=release, reason="wrong", why="Está mal")
    follow_recalls()
    assert (read(workspace), Delivery.objects.get(release=release).state) == ({}, "gone")
    assert follow_recalls() == []


def test_a_wrong_key_is_told_by_its_code_and_not_by_its_words(workspace: Workspace, settings: Any) -> None:
    voted("111")
    release, name = publish(), target(workspace, settings)
    os.environ["MINKA_ARGILLA_KEY"] = "de-otra-persona"
    with pytest.raises(TargetFailed, match="refused"):
        push(release=release, target=name)
    os.environ["MINKA_ARGILLA_KEY"] = ""
    with pytest.raises(TargetFailed, match="no_credentials"):
        plan(release=release, target=name)
    assert Release.objects.get().pk == release.pk


def test_the_command_sends_it(workspace: Workspace, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    voted("111")
    release, name = publish(), target(workspace, settings)
    call_command("push_release", release.version, name, dry_run=True)
    call_command("push_release", release.version, name)
    assert "1 files, all sums hold" in capsys.readouterr().out
    assert django_settings.MINKA_RELEASE_TARGETS[name].startswith("argilla://")
