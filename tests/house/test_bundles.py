"""What pages ask for together is one file, made of its parts when static files are collected."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from minka.bundles import BUNDLES, Storage

ROOT = Path(__file__).parents[2]
LINKED = re.compile(r"{% static ['\"]([^'\"]+)['\"] %}")


@pytest.fixture
def collected(settings, tmp_path: Path) -> Storage:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]  # ours, not the panel's
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "minka.bundles.Storage"}}
    call_command("collectstatic", "--noinput", verbosity=0)
    return Storage(location=str(tmp_path), base_url="/static/")


def test_a_whole_is_its_parts_under_a_name_of_its_own_content(collected: Storage, tmp_path: Path) -> None:
    call_command("collectstatic", "--noinput", verbosity=0)  # a second start changes nothing
    for whole, parts in BUNDLES.items():
        (made,) = tmp_path.glob(whole.replace(".", ".*."))
        assert re.fullmatch(r"\w+\.[0-9a-f]{12}\.\w+", made.name)
        assert collected.url(whole) == f"/static/{made.name}"
        said = [(ROOT / "static" / part).read_text("utf-8") for part in parts]
        assert re.split(r";?\n", made.read_text("utf-8")) == [row for text in said for row in re.split(r";?\n", text)]
        assert made.with_name(f"{made.name}.br").stat().st_size < made.stat().st_size / 2


def test_every_file_a_page_links_is_there(collected: Storage) -> None:
    pages = (ROOT / "templates").rglob("*.html")
    linked = {name for page in pages for name in LINKED.findall(page.read_text("utf-8"))}
    assert set(BUNDLES) < linked
    there = [collected.url(name).removeprefix("/static/") for name in sorted(linked)]
    assert [name for name in there if not collected.exists(name)] == []
