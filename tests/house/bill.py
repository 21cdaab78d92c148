"""`make sbom`: what this version is made of, in CycloneDX, from the lock; red where it lacks a package or has another
version of it. Nothing is asked of a network."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.house.audit import ROOT, locked, plain

LOCK = ROOT / "requirements" / "base.txt"


def lacking(bill: Mapping[str, Any], lock: Mapping[str, str]) -> list[str]:
    """What of the lock is not in the bill as it is locked, and what stands in the bill beside it."""
    told = {(plain(each["name"]), each.get("version")) for each in bill.get("components", [])}
    held = {(plain(name), version) for name, version in lock.items()}
    return [
        *(f"{name} {version} is locked, and not in the bill" for name, version in sorted(held - told)),
        *(f"{name} {version} is in the bill, and not locked" for name, version in sorted(told - held, key=str)),
    ]


def main() -> int:
    about = ROOT / "pyproject.toml"
    version = tomllib.loads(about.read_text("utf-8"))["project"]["version"]
    written = ROOT / "dist" / f"minka-{version}.cdx.json"
    written.parent.mkdir(exist_ok=True)
    maker = str(Path(sys.executable).with_name("cyclonedx-py"))
    argv = [maker, "requirements", str(LOCK), "--pyproject", str(about), "--output-reproducible", "--of", "JSON",
            "-o", str(written)]  # fmt: skip
    subprocess.run(argv, check=True)
    said = lacking(json.loads(written.read_text("utf-8")), locked(LOCK.read_text("utf-8")))
    print("\n".join(said) or f"{written.relative_to(ROOT)}: everything that is locked, and nothing else.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
