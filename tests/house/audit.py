"""`make audit`: is a vulnerability known of anything we run? pip-audit asks, and this reads what it says.

It says "no known vulnerabilities" of what it could not look up too, and leaves that to a list nobody reads. Here what
was skipped is red like what was found; and where nobody could be asked, it says that it was not run, and is red too.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("base.txt", "argilla.txt")


def locked(text: str) -> dict[str, str]:
    """Versions by name, as a lock file has them."""
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def wrong(report: Mapping[str, Any], asked: Mapping[str, str]) -> list[str]:
    """What is known of these, and which of them nothing was said about; empty where all were looked up and are well."""
    told = {plain(each["name"]): each for each in report.get("dependencies", [])}
    said = []
    for name, version in sorted(asked.items()):
        one = told.get(plain(name))
        if one is None or "skip_reason" in one or one.get("version") != version:
            said.append(f"{name} {version}: not looked up ({(one or {}).get('skip_reason', 'not in the report')})")
        else:
            said += [f"{name} {version}: {each['id']}, mended in {_mended(each)}" for each in one["vulns"]]
    return said


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _mended(vulnerability: Mapping[str, Any]) -> str:
    return ", ".join(vulnerability.get("fix_versions") or ["no version"])


def ask(lock: Path) -> Mapping[str, Any] | None:
    """What pip-audit says of a lock file; None where it could not ask."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "-r", str(lock), "--require-hashes", "--disable-pip",
               "--strict", "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        print(done.stderr.strip()[-2_000:], file=sys.stderr)
        return None


def main(locks: Iterable[str] = LOCKS) -> int:
    said: list[str] = []
    for name in locks:
        lock = ROOT / "requirements" / name
        report = ask(lock)
        if report is None:
            print(f"{name}: NOT RUN. Nobody could be asked, and so nothing is known.", file=sys.stderr)
            return 2
        said += [f"{name}: {each}" for each in wrong(report, locked(lock.read_text("utf-8")))]
    print("\n".join(said) or "Everything was looked up, and nothing is known of it.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
