"""The documents say what the code does: every variable, command, column and refusal is in them, every link leads on."""

import ast
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from annotations.datasets.rows import REASONS, SCHEMAS
from annotations.errors import CODES

ROOT = Path(__file__).parents[2]
SETTINGS = [ROOT / "platform/minka/settings.py", *(ROOT / "platform/minka/services").glob("*.py")]
IMPORT = [ROOT / "annotations" / name for name in ("corpus/lines.py", "corpus/groups.py", "assignments/imports.py")]
VARIABLE = re.compile(r'(?:\benv(?:iron)?(?:\.\w+)?\(|\benviron\[|_kept_secret\()\s*"([A-Z][A-Z_]+)"')
# Put together here, so that this file does not name them either.
HOSTS = (
    *("pypi" + ".org", "python" + "hosted.org", "npm" + "js.", "crates" + ".io", "ana" + "conda.org"),
    *("docker" + ".io", "ghcr" + ".io", "quay" + ".io", "hugging" + "face.co", "un" + "pkg.com", "js" + "delivr.net"),
)
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), r"(?<![\w.\]})*-])/wo" + "rk/"]), re.IGNORECASE)


def files() -> Iterator[Path]:
    """Every file of the checkout that `.gitignore` does not leave out."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if line]

    def within(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.name == ".git" or any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_dir():
                yield from within(path)
            else:
                yield path

    return within(ROOT)


def read(path: Path | str) -> str:
    return (ROOT / path).read_text("utf-8")


def documents() -> list[Path]:
    return [path for path in files() if path.suffix == ".md"]


def in_code_spans(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


def refusals(path: Path) -> Iterator[str]:
    """The codes that a module's `BadLine(…)` and `Problem(line, …)` are made with, where they are written out."""
    place = {"BadLine": 0, "Problem": 1}
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in place:
            code = node.args[place[node.func.id]]
            for each in [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]:
                if isinstance(each, ast.Constant):
                    yield str(each.value)


def missing(names: Iterable[str], document: str) -> list[str]:
    return sorted(set(names) - in_code_spans(read(document)))


def test_the_readme_names_every_variable_and_no_other() -> None:
    said = re.findall(r"^\| `([A-Z_]+)` \|", read("README.md"), re.MULTILINE)
    assert sorted(said) == sorted({name for path in SETTINGS for name in VARIABLE.findall(read(path))})


def test_every_variable_that_is_read_where_it_is_used_is_named_somewhere() -> None:
    read_there = {
        name for path in (ROOT / "annotations").rglob("*.py") if "recipes" not in path.parts
        for name in VARIABLE.findall(read(path))
    }  # fmt: skip
    told = {name for path in documents() for name in in_code_spans(read(path))}
    assert "MINKA_ARGILLA_KEY" in told
    assert sorted(read_there - told - {"ARROW_DEFAULT_MEMORY_POOL"}) == []


def test_every_target_of_make_that_is_named_is_there() -> None:
    there = set(re.findall(r"^([\w./-]+):", read("Makefile"), re.MULTILINE))
    named = {(path.name, name) for path in documents() for name in re.findall(r"`make ([a-z.][\w./-]*)", read(path))}
    assert ("CONTRIBUTING.md", "test") in named
    assert sorted((path, name) for path, name in named if name not in there) == []


def test_every_room_is_on_the_map() -> None:
    """Each folder of a chapter with code of its own stands in the table of `docs/architecture.md`."""
    table = read("docs/architecture.md").partition("## The house in chapters")[2].partition("\n## ")[0]
    rooms = {path.parent.relative_to(ROOT / "annotations") for path in (ROOT / "annotations").glob("*/*/__init__.py")}
    told = {name.removeprefix("annotations/").rstrip("/") for name in in_code_spans(table)}
    unnamed = [
        str(room) for room in sorted(rooms)
        if room.parts[0] != "management" and not ({str(room)} & told or ({room.name} & told and room.parts[0] in told))
    ]  # fmt: skip
    assert unnamed == []


def test_every_command_is_named() -> None:
    commands = {path.stem for path in (ROOT / "annotations/management/commands").glob("[!_]*.py")}
    told = "\n".join(read(path) for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert [name for name in sorted(commands) if not re.search(rf"(?:manage\.py|\bm) {name}\b", told)] == []


def test_every_column_and_reason_of_a_release_is_explained() -> None:
    columns = {name for columns in SCHEMAS.values() for name in (*columns, *columns.get("meta", ()))}
    assert missing([*SCHEMAS, *columns, *REASONS], "docs/release.md") == []


def test_every_refusal_of_an_import_is_explained_and_no_other() -> None:
    given = {code for path in IMPORT for code in refusals(path)}
    table = read("docs/import.md").partition("## Why a line is refused")[2]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(given)


def test_every_code_the_house_says_no_with_is_explained() -> None:
    said = re.findall(r"^\| (\d+) \| `(\w+)` \|", read("docs/architecture.md"), re.MULTILINE)
    assert sorted(said) == sorted((str(status), code) for code, (status, _sentence) in CODES.items())


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in documents()
        for link in re.findall(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)", read(path))
        if ":" not in link and not (path.parent / link).exists()
    ]
    assert dead == []


def test_every_file_and_function_that_is_named_is_there() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in documents()
        if path.parent == ROOT or path.is_relative_to(ROOT / "docs")
        for name in in_code_spans(read(path))
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)+\.\w+(:\w+)?|\w+\.py:\w+", name) and not is_there(name)
    ]
    assert wrong == []


def is_there(name: str) -> bool:
    """`rating/views.py:ask` is a file, from the root or from `annotations/`, and something defined in it. A word in
    capitals (`locale/CODE/…`) stands for anything."""
    path, _colon, thing = name.partition(":")
    if re.search(r"(?:^|/)[A-Z_]{4,}/", path.replace("LC_MESSAGES/", "")):
        return True
    found = next((root / path for root in (ROOT, ROOT / "annotations") if (root / path).is_file()), None)
    defined = rf"^(?:(?:def|class) )?{thing}\b" if thing else ""
    return found is not None and bool(re.search(defined, read(found), re.MULTILINE))


def test_no_file_names_a_registry_or_somebodys_own_folder() -> None:
    found = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in FORBIDDEN.finditer(text)]
    assert found == []
