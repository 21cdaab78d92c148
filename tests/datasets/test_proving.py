"""Who leads makes a release from the panel, and has the files of one proven once more; what is wrong is told."""

from pathlib import Path
from typing import Any

import pytest
from celery import Task
from kombu.exceptions import OperationalError

from annotations.assignments.models import Campaign
from annotations.datasets.actions import publish
from annotations.datasets.folders import folder_of
from annotations.datasets.jobs import publish_until
from annotations.datasets.models import Release
from tests.assignments.test_table import client_of
from tests.cast import answer, colleague, line, people, seat_at, work_off, world

pytestmark = pytest.mark.django_db(transaction=True)
LIST, NOW = "/admin/annotations/release/", "/admin/annotations/release/now/"


@pytest.fixture
def judged(seeds: None) -> Campaign:
    campaign = world(line("1"), needed=1)
    [ana] = people(1)
    answer(ana, seat_at(ana, campaign), {"preferred": "a", "strength": 1})
    return campaign


def test_a_release_is_made_by_the_worker_and_once_for_a_moment(judged: Campaign) -> None:
    lidia = client_of(colleague("lidia-9", "add_release", "view_release"))
    assert NOW in lidia.get(LIST).content.decode()
    assert lidia.post(NOW)["Location"] == LIST
    assert not Release.objects.exists(), "not while somebody waits for a page"
    [((cutoff,), _message)] = [sent for sent in work_off() if len(sent[0]) == 1]
    release = Release.objects.get()
    assert release.cutoff.isoformat() == cutoff
    publish_until(cutoff)
    assert Release.objects.get() == release


def test_only_who_may_makes_one_or_has_one_proven(judged: Campaign) -> None:
    release = publish()
    work_off()  # the others that it asked to help
    looks = client_of(colleague("lidia-9", "view_release"))
    assert NOW not in looks.get(LIST).content.decode()
    assert looks.post(NOW).status_code == 403
    assert looks.get(NOW).status_code == 405
    looks.post(LIST, {"action": "prove", "_selected_action": [str(release.pk)]})
    assert work_off() == [], "who only looks sets nothing going"


def test_a_queue_that_is_away_is_told_and_no_release_is_promised(
    judged: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis or RabbitMQ may be down while the house is not: what kombu says then."""
    release = publish()
    work_off()
    lidia = client_of(colleague("lidia-9", "add_release", "view_release"))

    def away(*_job: Any, **_how: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(Task, "apply_async", away)
        for address, body in ((NOW, {}), (LIST, {"action": "prove", "_selected_action": [str(release.pk)]})):
            assert lidia.post(address, body).status_code == 503
    told = lidia.get(LIST).content.decode()
    assert "en camino" not in told
    assert work_off() == []


def test_files_are_proven_where_they_lie_and_what_is_wrong_is_told(judged: Campaign) -> None:
    release = publish()
    lidia = client_of(colleague("lidia-9", "add_release", "view_release"))
    asked = {"action": "prove", "_selected_action": [str(release.pk)]}
    assert lidia.post(LIST, asked).status_code == 302
    work_off()
    release.refresh_from_db()
    assert release.proven_at is not None
    assert release.unsound == ""
    [file] = Path(folder_of(release.version), "data", "judgements").glob("*.parquet")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    lidia.post(LIST, asked)
    work_off()
    release.refresh_from_db()
    assert file.name in release.unsound
    assert "NO ESTÁ SANA" in lidia.get(LIST).content.decode()
