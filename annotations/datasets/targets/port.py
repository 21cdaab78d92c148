"""What a target is for: four verbs, whatever it stands on."""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO, Final, Protocol

CODES: Final = frozenset({
    "no_credentials", "no_client", "refused", "not_found", "no_connection", "sum_differs", "not_a_target", "moved",
    "failed",
})  # fmt: skip
"""What can be wrong with a target. The library's own words are never kept or logged: they may quote what was sent."""


class TargetFailed(Exception):
    """A target did not do it, and the next run may try again.

    Args:
        code: one of `CODES`. `no_credentials`: the variable is empty. `no_client`: what it is reached by is not
            installed here. `refused`: it does not let us. `not_found`: the
            folder, bucket or data set is not there. `sum_differs`: what lies there is not what was sent.
            `not_a_target`: the settings have none of this name. `moved`: they have, and it is elsewhere now.
    """

    def __init__(self, code: str) -> None:
        assert code in CODES
        self.code = code
        super().__init__(code)


class Target(Protocol):
    """Somewhere releases are sent. Each method raises `TargetFailed`.

    Attributes:
        place: its address, without anything secret.
    """

    place: str

    def takes(self, name: str) -> bool:
        """Whether this file of a release goes there: all of them do, unless it shows rows and no files."""

    def there(self, version: str) -> dict[str, int]:
        """The files of a release that are there, with their sizes, seen by readers or not yet. Changes nothing."""

    def put(self, version: str, name: str, path: Path) -> None:
        """Put a file there, and prove that what lies there is what was sent. Done twice it is there once."""

    def show(self, version: str, files: Mapping[str, Path], *, newest: bool) -> None:
        """All files were put: let readers see them, and where there is one place for the newest release, there too."""

    def remove(self, version: str, manifest: Path, sums: Collection[str]) -> None:
        """Nothing of the release is there any more. Done twice it is gone.

        Args:
            manifest: the release's, by which one knows it where it has no name.
            sums: SHA-256 of its files that no other release has there.
        """


def sha256_of(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while block := file.read(1 << 20):
        found.update(block)
    return found.hexdigest()
