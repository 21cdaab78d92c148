"""A folder, on this machine or mounted: `file:///srv/mirror`. A release is written aside and renamed into place whole;
what was written before a run was cut is found aside by the next."""

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from annotations.datasets.folders import put as rename_into_place
from annotations.datasets.targets.port import TargetFailed, sha256_of


class Folder:
    """Args: `path` is a folder that is there: one that is not, a disk that is not mounted, is no place to write to."""

    def __init__(self, path: Path) -> None:
        self.place, self._path = f"file://{path}", path

    def takes(self, name: str) -> bool:
        return True

    def there(self, version: str) -> dict[str, int]:
        with _told(), self._open() as root:
            return {
                path.relative_to(folder).as_posix(): path.stat().st_size
                for folder in (root / version, root / _aside(version))
                for path in folder.rglob("*") if path.is_file()
            }  # fmt: skip

    def put(self, version: str, name: str, path: Path) -> None:
        with _told(), self._open() as root:
            final = (root / version if (root / version).is_dir() else root / _aside(version)) / name
            final.parent.mkdir(parents=True, exist_ok=True)
            fresh = final.with_name(f".{final.name}")
            shutil.copyfile(path, fresh)
            with path.open("rb") as sent, fresh.open("rb") as found:
                if sha256_of(sent) != sha256_of(found):
                    raise TargetFailed("sum_differs")
            fresh.replace(final)

    def show(self, version: str, files: Mapping[str, Path], *, newest: bool) -> None:
        with _told(), self._open() as root:
            if not (root / version).is_dir():
                rename_into_place(root / _aside(version), root / version)

    def remove(self, version: str, manifest: Path, sums: Collection[str]) -> None:
        with _told(), self._open() as root:
            for folder in (root / version, root / _aside(version)):
                if folder.is_dir():
                    shutil.rmtree(folder)

    @contextmanager
    def _open(self) -> Iterator[Path]:
        if not self._path.is_dir():
            raise TargetFailed("not_found")
        yield self._path


def _aside(version: str) -> str:
    return f".{version}.part"


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise TargetFailed("refused") from None
    except OSError:
        raise TargetFailed("failed") from None
