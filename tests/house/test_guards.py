"""What no code of the house does, read from the code itself: a rule that one file breaks unseen is no rule."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

ROOT = Path(__file__).parents[2]
OURS = [path for folder in ("annotations", "platform/minka") for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts]  # fmt: skip
Found = Iterator[ast.AST]


def broken(rule: Callable[[ast.Module], Found], files: list[Path] | None = None) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in files or OURS
        for node in rule(ast.parse(path.read_text("utf-8")))
    ]


def called(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in names:
                yield node


def imported(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, node) for each in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{each.name}", node) for each in node.names)


# Regular expressions ------------------------------------------------------------------------------------------------

READ = {
    "annotations/corpus/naming.py", "annotations/corpus/personal_data.py", "annotations/flagging/spans.py",
    "annotations/translating/queries.py",
}  # fmt: skip
"""Files that put an expression together: read, and every word that comes from outside is escaped there."""


def expressions(tree: ast.Module) -> Found:
    """Calls that take an expression of anything but letters that stand in the file."""
    for call in called(tree, "compile", "sub", "subn", "match", "fullmatch", "search", "split", "findall", "finditer"):
        of_re = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "re"
        if of_re and call.args and not _still(call.args[0]):
            yield call


def _still(node: ast.AST) -> bool:
    """Letters, also in pieces, and constants of the file: a name in capitals."""
    if isinstance(node, ast.JoinedStr):
        return all(_still(each.value) if isinstance(each, ast.FormattedValue) else True for each in node.values)
    if isinstance(node, ast.BinOp):
        return _still(node.left) and _still(node.right)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def test_an_expression_is_put_together_where_somebody_read_it() -> None:
    files = {place.partition(":")[0] for place in broken(expressions)}
    assert files == READ
    for path in READ - {"annotations/corpus/personal_data.py"}:  # of constants alone
        assert "re.escape" in (ROOT / path).read_text("utf-8")


# What is formatted --------------------------------------------------------------------------------------------------


def formats(tree: ast.Module) -> Found:
    """`.format` of anything but letters of the file: who chooses the letters reads what they name."""
    for call in called(tree, "format", "format_map", "vformat"):
        if isinstance(call.func, ast.Attribute) and call.args + call.keywords and not _constant(call.func.value):
            yield call


def _constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


MEANT = {
    "annotations/datasets/configs/sft.py",  # a sentence a language, from a table of the file
    "annotations/datasets/records.py", "platform/minka/services/proofs.py",  # statements of the file
    "platform/minka/logs.py",  # what the library calls writing a line
}  # fmt: skip


def test_no_letters_of_a_stranger_are_a_format() -> None:
    assert {place.partition(":")[0] for place in broken(formats)} == MEANT


# Cryptography -------------------------------------------------------------------------------------------------------


def test_ciphers_are_a_library_s_and_one_file_asks_for_them() -> None:
    """Fernet: AES in CBC with an HMAC over all of it, a key a purpose. No other mode is reached for, nor any other
    library; connections are made with the certificates looked at."""
    asked = {
        (str(path.relative_to(ROOT)), name)
        for path in OURS
        for name, _node in imported(ast.parse(path.read_text("utf-8")))
        if name.split(".")[0] in ("cryptography", "Crypto", "Cryptodome", "nacl", "ssl", "rsa", "jwt", "jose")
    }
    assert asked == {
        ("annotations/people/sealing.py", "cryptography.fernet.Fernet"),
        ("annotations/people/sealing.py", "cryptography.fernet.MultiFernet"),
        ("annotations/people/sealing.py", "cryptography.hazmat.primitives.hashes.SHA256"),
        ("annotations/people/sealing.py", "cryptography.hazmat.primitives.kdf.hkdf.HKDF"),
        ("annotations/people/keys.py", "cryptography.fernet.InvalidToken"),
    }


def trusting(tree: ast.Module) -> Found:
    """Whoever takes any certificate for a good one."""
    for node in ast.walk(tree):
        named = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        if named in ("_create_unverified_context", "CERT_NONE", "check_hostname"):
            yield node
        off = isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) and node.value.value is False
        if off and node.arg in ("verify", "verify_ssl", "use_ssl"):
            yield node


def test_certificates_are_looked_at() -> None:
    assert broken(trusting) == []


# Where the house goes -----------------------------------------------------------------------------------------------


def openers(tree: ast.Module) -> Found:
    """Whoever follows where a server sends them: `urlopen`, and an opener without our handler."""
    yield from called(tree, "urlopen")
    for call in called(tree, "build_opener"):
        if not any(getattr(each, "id", "") == "_NoRedirect" for each in call.args):
            yield call


def test_nobody_is_sent_elsewhere_by_a_server_that_is_asked() -> None:
    assert broken(openers) == []


# The queue ----------------------------------------------------------------------------------------------------------

ASK = {"annotations/later.py", "annotations/datasets/helping.py", "annotations/training/here/jobs.py"}
"""What a request leaves goes by the first, which says no where the queue is away; the others are jobs themselves."""


def asking(tree: ast.Module) -> Found:
    yield from called(tree, "delay", "apply_async", "send_task")


def test_a_request_leaves_what_it_leaves_in_one_way() -> None:
    assert {place.partition(":")[0] for place in broken(asking)} == ASK


# The twins ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (expressions, "re.compile(words)"), (expressions, "re.search(f'a{word}', text)"),
        (formats, "text.format(person)"), (formats, "request.POST['x'].format_map(facts)"),
        (trusting, "ssl._create_unverified_context()"), (trusting, "requests.get(url, verify=False)"),
        (asking, "job.delay(1)"), (openers, "urllib.request.urlopen(url)"), (openers, "build_opener(Other)"),
    ],
)  # fmt: skip
def test_a_line_that_breaks_a_rule_is_found(rule: Callable[[ast.Module], Found], line: str) -> None:
    assert list(rule(ast.parse(line)))


# One clock ----------------------------------------------------------------------------------------------------------


def test_there_is_one_clock() -> None:
    assert settings.USE_TZ
    assert settings.TIME_ZONE == "UTC"
    assert settings.CELERY_TIMEZONE == "UTC"
    assert timezone.get_default_timezone_name() == "UTC"
