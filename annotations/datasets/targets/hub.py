"""A data set on the Hugging Face Hub, or on what speaks its API: `hub://owner/name`.

Each release is a branch of its name, so that any can be loaded (`revision=VERSION`), and the newest is `main` too.
Taking one away empties `main` where it is that release, deletes its branch, and has the Hub delete its large files for
good with their history: a commit that deletes leaves them in the one before.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from annotations.datasets import manifest as mf
from annotations.datasets.targets.port import TargetFailed

_BY_STATUS: Final = {401: "refused", 403: "refused", 404: "not_found"}
_UNREACHED: Final = {"ConnectError", "ConnectTimeout", "TimeoutException", "NetworkError", "RemoteProtocolError"}


class DataSet:
    """Args: `repo` is `owner/name`; `endpoint` the Hub's address, empty for the one the client knows."""

    def __init__(self, repo: str, endpoint: str, *, token: str) -> None:
        self.place = f"hub://{repo}" + (f" at {endpoint}" if endpoint else "")
        self._repo, self._endpoint, self._token = repo, endpoint, token

    def takes(self, name: str) -> bool:
        return True

    def there(self, version: str) -> dict[str, int]:
        with self._opened() as hub:
            return {name: each.size for name, each in self._tree(hub, version).items()}

    def put(self, version: str, name: str, path: Path) -> None:
        """A large file is stored under its SHA-256, which the Hub checks; nobody sees it before `show`. A small one is
        sent with that."""
        from huggingface_hub import CommitOperationAdd

        with self._opened() as hub:
            hub.create_repo(self._repo, repo_type="dataset", exist_ok=True)
            hub.preupload_lfs_files(self._repo, [CommitOperationAdd(name, path)], repo_type="dataset")

    def show(self, version: str, files: Mapping[str, Path], *, newest: bool) -> None:
        with self._opened() as hub:
            hub.create_repo(self._repo, repo_type="dataset", exist_ok=True)
            hub.create_branch(self._repo, branch=version, repo_type="dataset", exist_ok=True)
            self._commit(hub, version, version, files)
            if newest:
                self._commit(hub, "main", version, files)

    def _commit(self, hub: Any, branch: str, version: str, files: Mapping[str, Path]) -> None:
        """This release and nothing else on a branch; none where it is so already."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        known = self._tree(hub, branch)
        fresh = [CommitOperationAdd(name, path) for name, path in files.items() if not _same(known.get(name), path)]
        old = [CommitOperationDelete(name) for name in known if name not in files]
        if not fresh + old:
            return
        hub.create_commit(self._repo, [*fresh, *old], commit_message=version, repo_type="dataset", revision=branch)
        found = self._tree(hub, branch)
        if any(not _same(found.get(name), path) for name, path in files.items()):
            raise TargetFailed("sum_differs")

    def remove(self, version: str, manifest: Path, sums: Collection[str]) -> None:
        from huggingface_hub import CommitOperationDelete

        with self._opened() as hub:
            if not hub.repo_exists(self._repo, repo_type="dataset"):
                return
            shown = self._tree(hub, "main")
            if _same(shown.get(mf.NAME), manifest):
                gone = [CommitOperationDelete(name) for name in shown]
                hub.create_commit(self._repo, gone, commit_message=f"- {version}", repo_type="dataset", revision="main")
            if self._tree(hub, version):
                hub.delete_branch(self._repo, branch=version, repo_type="dataset")
            large = [each for each in hub.list_lfs_files(self._repo, repo_type="dataset") if each.file_oid in sums]
            if large:
                hub.permanently_delete_lfs_files(self._repo, large, repo_type="dataset")

    def _tree(self, hub: Any, branch: str) -> dict[str, Any]:
        """The files of a branch by name; nothing where there is no such branch or data set."""
        from huggingface_hub import RepoFile
        from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

        try:
            rows = hub.list_repo_tree(self._repo, recursive=True, revision=branch, repo_type="dataset")
            return {row.path: row for row in rows if isinstance(row, RepoFile) and row.path != ".gitattributes"}
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return {}

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        if not self._token:
            raise TargetFailed("no_credentials")
        from huggingface_hub import HfApi, constants  # it is loaded where something is sent, and nowhere else

        # Files go by Git LFS, whose names are their SHA-256; and nothing is told to anybody else.
        constants.HF_HUB_DISABLE_XET = constants.HF_HUB_DISABLE_TELEMETRY = True
        try:
            yield HfApi(endpoint=self._endpoint or None, token=self._token)
        except TargetFailed:
            raise
        except Exception as wrong:  # noqa: BLE001 -- whatever its HTTP library raises: its words may quote what was sent
            raise TargetFailed(_code(wrong)) from None


def _code(wrong: BaseException | None) -> str:
    """What it comes to, by the first of what it was raised from that says something."""
    while wrong is not None:
        if status := getattr(getattr(wrong, "response", None), "status_code", None):
            return _BY_STATUS.get(status, "failed")
        if any(kind.__name__ in _UNREACHED for kind in type(wrong).__mro__):
            return "no_connection"
        wrong = wrong.__cause__ or wrong.__context__
    return "failed"


def _same(known: Any, path: Path) -> bool:
    """Whether the Hub's row is of this very file: by its SHA-256, or of a small one by Git's own sum."""
    if known is None or known.size != path.stat().st_size:
        return False
    if known.lfs:
        return bool(known.lfs.sha256 == mf.sha256_of(path))
    return bool(known.blob_id == git_sum(path.read_bytes()))


def git_sum(data: bytes) -> str:
    """What Git calls a file of these bytes. It names it, and protects nothing."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
