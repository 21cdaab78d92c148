"""What looks at our supply cannot say that all is well where it looked at nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.house import audit, bill

ROOT = Path(__file__).parents[2]
ASKED = {"django": "5.2.7", "nh3": "0.3.8"}
WELL: list[dict[str, Any]] = [
    {"name": "Django", "version": "5.2.7", "vulns": []}, {"name": "nh3", "version": "0.3.8", "vulns": []},
]  # fmt: skip
KNOWN = {"id": "CVE-2025-64459", "fix_versions": ["5.2.8"]}


def test_what_was_looked_up_and_is_well_is_green() -> None:
    assert audit.wrong({"dependencies": WELL}, ASKED) == []


@pytest.mark.parametrize(
    ("report", "says"),
    [
        ([{"name": "django", "skip_reason": "not found"}, WELL[1]], "django 5.2.7: not looked up (not found)"),
        ([WELL[1]], "django 5.2.7: not looked up (not in the report)"),
        ([WELL[0] | {"version": "5.2.8"}, WELL[1]], "django 5.2.7: not looked up (not in the report)"),
        ([WELL[0] | {"vulns": [KNOWN]}, WELL[1]], "django 5.2.7: CVE-2025-64459, mended in 5.2.8"),
    ],
    ids=["skipped", "missing", "another version", "known"],
)
def test_what_was_skipped_is_red_as_what_was_found(report: list[Any], says: str) -> None:
    assert audit.wrong({"dependencies": report}, ASKED) == [says]


def test_where_nobody_can_be_asked_it_was_not_run_and_is_red(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "ask", lambda _lock: None)
    assert audit.main() == 2
    assert "NOT RUN" in capsys.readouterr().err


def test_every_package_of_a_lock_is_asked_about() -> None:
    for name in audit.LOCKS:
        text = (ROOT / "requirements" / name).read_text("utf-8")
        assert len(audit.locked(text)) == sum("==" in line and not line.startswith(" ") for line in text.splitlines())


def test_a_bill_that_lacks_a_package_or_has_another_version_is_red() -> None:
    whole = [{"name": "Django", "version": "5.2.7"}, {"name": "nh3", "version": "0.3.8"}]
    assert bill.lacking({"components": whole}, ASKED) == []
    assert bill.lacking({"components": whole[1:]}, ASKED) == ["django 5.2.7 is locked, and not in the bill"]
    assert bill.lacking({}, {"nh3": "0.3.8"}) == ["nh3 0.3.8 is locked, and not in the bill"]
    assert bill.lacking({"components": [whole[0], {"name": "nh3", "version": "0.3.9"}]}, ASKED) == [
        "nh3 0.3.8 is locked, and not in the bill", "nh3 0.3.9 is in the bill, and not locked",
    ]  # fmt: skip
