"""A bucket of an S3-compatible store: `s3://bucket/prefix?endpoint=https://…&region=…`. Arrow's own client, which comes
with what writes the Parquet. The manifest is sent last: where it is, the release is whole."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from annotations.datasets.targets.port import TargetFailed, sha256_of

_SAID = (
    ("refused", ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE", "INVALID_CLIENT_TOKEN", "HTTP status 403",
                 "InvalidAccessKeyId", "UNRECOGNIZED_CLIENT")),
    ("not_found", ("NO_SUCH_BUCKET", "NoSuchBucket", "does not exist")),
    ("no_connection", ("NETWORK_CONNECTION", "curlCode", "REQUEST_TIMEOUT", "SERVICE_UNAVAILABLE", "SLOW_DOWN")),
)  # fmt: skip
"""By what in Arrow's words one tells what is wrong."""


class Bucket:
    """Args:
    bucket, prefix: where; the bucket must be there.
    endpoint: the address of the store; empty for the one Arrow knows.
    key, secret: the credentials. Without them nothing is asked: the client would look for some elsewhere.
    """

    def __init__(self, bucket: str, prefix: str, endpoint: str, region: str, *, key: str, secret: str) -> None:
        self.place = f"s3://{bucket}/{prefix}" + (f" at {endpoint}" if endpoint else "")
        self._root = f"{bucket}/{prefix}".rstrip("/")
        self._endpoint, self._region, self._key, self._secret = endpoint, region, key, secret

    def takes(self, name: str) -> bool:
        return True

    def there(self, version: str) -> dict[str, int]:
        from pyarrow import fs  # Arrow is the night's: at rest no process holds it

        with self._opened() as store:
            root = f"{self._root}/{version}"
            found = store.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True))
            return {each.path.removeprefix(f"{root}/"): each.size for each in found if each.type == fs.FileType.File}

    def put(self, version: str, name: str, path: Path) -> None:
        address, sent = f"{self._root}/{version}/{name}", hashlib.sha256()
        with self._opened() as store:
            with path.open("rb") as file, store.open_output_stream(address) as out:
                while block := file.read(1 << 20):
                    sent.update(block)
                    out.write(block)
            with store.open_input_stream(address) as found:
                if sha256_of(found) != sent.hexdigest():
                    raise TargetFailed("sum_differs")

    def show(self, version: str, files: Mapping[str, Path], *, newest: bool) -> None:
        """Each file is seen from the moment it is there."""

    def remove(self, version: str, manifest: Path, sums: Collection[str]) -> None:
        from pyarrow import fs  # as above

        with self._opened() as store:
            root = f"{self._root}/{version}"
            if store.get_file_info(root).type != fs.FileType.NotFound:
                store.delete_dir(root)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        if not (self._key and self._secret):
            raise TargetFailed("no_credentials")
        from pyarrow import fs  # as above

        try:
            yield fs.S3FileSystem(access_key=self._key, secret_key=self._secret, **self._where())
        except (OSError, ValueError) as wrong:
            raise TargetFailed(_code(str(wrong))) from None

    def _where(self) -> dict[str, Any]:
        address = urlsplit(self._endpoint)
        store = {"endpoint_override": address.netloc, "scheme": address.scheme} if self._endpoint else {}
        region = {"region": self._region} if self._region else {}
        return {**store, **region, "connect_timeout": 10, "request_timeout": 60}


def _code(said: str) -> str:
    return next((code for code, signs in _SAID if any(sign in said for sign in signs)), "failed")
