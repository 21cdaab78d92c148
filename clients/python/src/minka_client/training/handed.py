"""What the house handed over to a run, as its manifest says it: `--manifest`. From an address, the release is fetched
and the house is told how it goes; from `handed.json` in a packed folder nothing is asked of any network."""

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from minka_client.client import Minka
from minka_client.errors import Damaged, Refused, Unreachable
from minka_client.things import Run
from minka_client.training.contents import read_json, sha256
from minka_client.training.reporting import Reporter
from minka_client.training.stopped import Stopped

ADDRESS: Final = re.compile(r"(?P<house>https?://.+)/api/v1/runs/(?P<run>[0-9a-f-]{36})/manifest/?")
NEEDED: Final = ("run", "recipe", "seed", "base_model", "releases")


@dataclass(frozen=True)
class Handed:
    """A run's manifest, and how it came: from the house at `address`, with the run as it stood then, or in a folder."""

    manifest: Mapping[str, Any]
    folder: Path
    address: str = ""
    run: Run | None = None

    @property
    def key(self) -> str:
        return str(self.manifest["run"])

    def check_recipe(self, name: str) -> None:
        wanted = self.manifest["recipe"]["name"]
        if wanted != name:
            raise Stopped(f"the run was handed over for the recipe {wanted!r}, and this is {name!r}")

    def is_of(self, script: Path) -> bool:
        """Whether this is the very script that was handed over. Another may train; the lineage names it."""
        return self.manifest["recipe"].get("sha256") in (None, sha256(script))

    def seeded(self, settings: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
        """The settings with the run's seed, which wins over the YAML's.

        Raises:
            Stopped: `told`, on the command line, is another.
        """
        seed = self.manifest["seed"]
        if "seed" in told and settings["seed"] != seed:
            raise Stopped(f"the run was handed over with the seed {seed}, and the command line says {settings['seed']}")
        return {**settings, "seed": seed}

    def check_base(self, base: str) -> None:
        """Raises `Stopped` where the house knows what the base model is made of, and this is something else."""
        wanted = self.manifest["base_model"]
        if wanted.get("checkpoint", base) != base:
            raise Stopped(
                f"the base model is not the {wanted['name']} that the house knows, whose checkpoint_id is "
                f"{wanted['checkpoint']}: this one's is {base}"
            )

    def check_release(self, manifest: Mapping[str, Any]) -> None:
        if manifest["release_id"] not in {each["release_id"] for each in self.manifest["releases"]}:
            raise Stopped(f"the run was not handed the release {manifest['version']}")

    def release(self, beside: Path) -> Path:
        """The folder of the run's one release: in the packed folder, or fetched into `releases` beside this folder."""
        versions = [str(each["version"]) for each in self.manifest["releases"]]
        if len(versions) != 1:
            raise Stopped(f"the run was handed {len(versions)} releases: --release says which of them is trained on")
        if not self.address:
            return self.folder / "releases" / versions[0]
        return self._fetched(versions[0], beside.parent / "releases")

    def _fetched(self, version: str, folder: Path) -> Path:
        with _problems("the release cannot be fetched"), _one_at_a_time(folder), _house(self.address) as minka:
            known = {release.version: release for release in minka.releases(recalled=True)}
            return minka.fetch(known[version], folder)

    def reporter(self, say: Callable[[str], None]) -> Reporter | None:
        """Who tells the house how the run goes, where it came from there."""
        if self.run is None:
            return None
        return Reporter(_house(self.address, timeout=10, tries=1), self.run, say)


def read_handed(where: str) -> Handed:
    """Args: `where` is the address of a run's manifest, or a file that holds one."""
    handed = _asked(where) if where.startswith(("http://", "https://")) else _carried(Path(where))
    manifest = handed.manifest
    if not isinstance(manifest, dict) or manifest.get("format") != 1 or not all(name in manifest for name in NEEDED):
        raise Stopped(f"{where} is not the manifest of a run, in the format 1 that this recipe reads")
    return handed


def _asked(where: str) -> Handed:
    parts = ADDRESS.fullmatch(where)
    if parts is None:
        raise Stopped(f"{where} is not the address of a run's manifest: …/api/v1/runs/ID/manifest/")
    with _problems("the manifest cannot be fetched"), _house(parts["house"]) as minka:
        run = minka.run(parts["run"])
        return Handed(minka.manifest(run), Path(), parts["house"], run)


def _carried(path: Path) -> Handed:
    try:
        return Handed(read_json(path), path.parent)
    except (OSError, ValueError) as error:
        raise Stopped(f"the run's manifest cannot be read from {path}: {error}") from None


def _house(address: str, **how: Any) -> Minka:
    return Minka(address, os.environ.get("MINKA_TOKEN"), **how)


@contextlib.contextmanager
def _problems(what: str) -> Iterator[None]:
    try:
        yield
    except (Damaged, Refused, Unreachable) as error:
        raise Stopped(f"{what}: {error}") from None


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Several processes of a run want the same release: the first fetches it, the others find it there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
