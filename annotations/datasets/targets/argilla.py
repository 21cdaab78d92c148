"""A workspace of an Argilla server, where rows are read: `argilla://workspace/config?endpoint=https://…`, and with
`variety` and `most` a slice of them.

Each release is a data set of its own, a column a field. A server takes some twenty rows a second, so this is for
looking at some of them. A row says of which file it is, how large that is and how many rows of it are shown: so it is
known which files are there, and a run that was cut sends what is missing. What stewards keep from Argilla is left out.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from annotations.datasets.targets.port import TargetFailed
from annotations.people.stewards.queries import closed_to
from annotations.quality.argilla.link import Argilla
from annotations.quality.argilla.port import DeskFailed, Fact, Field, Question, Sheet, Task

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
LONGEST: Final = 20_000
"""Characters of a message there; what is longer is cut, and says so."""
CUT: Final = " […]"
_FACTS: Final = {"of_variety": Fact(), "of_file": Fact(), "of_bytes": Fact("number"), "of_rows": Fact("number")}
"""Of which file a row is. No column of a config is called so: in a data set of Argilla every name stands once."""
_CODES: Final = {
    "no_key": "no_credentials", "refused": "refused", "not_found": "not_found", "gone": "not_found",
    "no_connection": "no_connection",
    "slow": "no_connection", "no_client": "no_client",
}  # fmt: skip


class Rows:
    """Args: `config` of the release; `variety` only of this one; `most` rows of each file, 0 for all."""

    def __init__(self, workspace: str, config: str, endpoint: str, *, variety: str, most: int, key: str) -> None:
        shown = "".join(f", {what}" for what in (variety, f"{most} of a file" if most else "") if what)
        self.place = f"argilla://{workspace}/{config} at {endpoint}{shown}"
        self._workspace, self._config, self._endpoint, self._key = workspace, config, endpoint, key
        self._variety, self._most = variety, most

    def takes(self, name: str) -> bool:
        return name.startswith(f"data/{self._config}/") and name.endswith(".parquet")

    def there(self, version: str) -> dict[str, int]:
        """Files of which every row that is to be shown is there."""
        with self._opened() as desk:
            seen: dict[tuple[str, int, int], int] = {}
            for facts in desk.rest.facts(self._name(version)).values():
                which = (facts["of_file"], facts["of_bytes"], facts["of_rows"])
                seen[which] = seen.get(which, 0) + 1
        return {name: size for (name, size, rows), found in seen.items() if found == rows}

    def put(self, version: str, name: str, path: Path) -> None:
        import pyarrow.parquet as pq  # it is loaded where something is sent, and nowhere else

        table = pq.read_table(path)
        rows = self._slice(table.to_pylist())
        if not rows:
            return
        with self._opened() as desk:
            sheet = self._sheet(version, table.schema.names)
            desk.ensure_dataset(sheet)
            facts: dict[str, str | int] = {"of_file": name, "of_bytes": path.stat().st_size, "of_rows": len(rows)}
            known = desk.rest.facts(sheet.name)
            tasks = [_task(row, facts) for row in rows]
            missing = [each for each in tasks if known.get(each.id) != each.facts]
            for start in range(0, len(missing), AT_ONCE):
                desk.push(sheet.name, missing[start : start + AT_ONCE])
                log.info("%s: %d of %d rows", name, min(start + AT_ONCE, len(missing)), len(missing))

    def show(self, version: str, files: Mapping[str, Path], *, newest: bool) -> None:
        """Rows are seen as they come."""

    def remove(self, version: str, manifest: Path, sums: Collection[str]) -> None:
        with self._opened() as desk:
            desk.remove_dataset(self._name(version))

    def _name(self, version: str) -> str:
        return "-".join(filter(None, [version.replace("+", "-"), self._config, self._variety]))

    def _slice(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        closed = set(closed_to("sends_to_argilla"))
        found = [row for row in rows if closed.isdisjoint(_varieties(row)) and self._variety in ("", _variety(row))]
        return found[: self._most or None]

    def _sheet(self, version: str, columns: list[str]) -> Sheet:
        """Every config has a column that is never empty and comes first."""
        fields = tuple(Field(name, name, required=place == 0) for place, name in enumerate(columns))
        remark = Question("remark", "Remark", "words")
        return Sheet(
            self._name(version), f"{self._config} of the release {version}: to be read.", fields, (remark,), _FACTS
        )

    @contextmanager
    def _opened(self) -> Iterator[Argilla]:
        try:
            yield Argilla(self._endpoint, self._workspace, key=self._key)
        except DeskFailed as failed:
            raise TargetFailed(_CODES.get(failed.code, "failed")) from None


def _task(row: Mapping[str, Any], facts: Mapping[str, str | int]) -> Task:
    meta = row.get("meta") or row
    name = str(meta.get("record_id") or row.get("id"))
    variety = _variety(row)
    told = {column: _text(value) for column, value in row.items() if value is not None}
    return Task(name, told, {**facts, **({"of_variety": variety} if variety else {})})


def _variety(row: Mapping[str, Any]) -> str:
    return str((row.get("meta") or row).get("variety") or "")


def _varieties(row: Mapping[str, Any]) -> set[str]:
    """All that it touches: its own, the one it is said as, the one it was translated from."""
    meta = row.get("meta") or row
    return {str(each.get(name)) for each in (row, meta)
            for name in ("variety", "judged_as", "judge_variety", "source_variety") if each.get(name)}  # fmt: skip


def _text(value: Any) -> str:
    """Messages as one reads them, all else as JSON; nothing is left empty, as a field must not be."""
    if isinstance(value, list) and value and all(isinstance(each, dict) and "role" in each for each in value):
        text = "\n\n".join(f"{each['role']}: {each['content']}" for each in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)
    return (text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT) or "–"
