"""What a page always asks for together is one file: on a slow network each request is a wait.

The parts are written, read and checked one by one in `static/`; the wholes are made when static files are collected,
and are what templates link. There is no build, and nothing of it lies in the repository.
"""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUNDLES = {"house.css": ("tokens.css", "minka.css"), "table.js": ("htmx.min.js", "minka.js", "outbox.js")}
BETWEEN = {"css": b"\n", "js": b";\n"}
"""A script that ends without a semicolon would call the one that follows."""


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        for whole, parts in BUNDLES.items():
            between = BETWEEN[whole.rpartition(".")[2]]
            self.delete(whole)
            self.save(whole, ContentFile(between.join(self._bytes(part) for part in parts)))
            paths[whole] = (self, whole)
        yield from super().post_process(paths, *args, **options)

    def _bytes(self, name: str) -> bytes:
        with self.open(name) as file:
            return bytes(file.read())
