"""eslint and stylelint, in `make check`, keep us to what the oldest browser we promise knows: Chrome 90. Here they are
seen to bite: each line of a bad sample is something it does not know, each of a good one the same with a way back."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BAD_STYLE = """
a:has(b) { color: red; }
a { height: 100vh; height: 100dvh; }
a { color: red; color: color-mix(in srgb, red 10%, blue); }
a { color: light-dark(red, blue); }
a { b { color: red; } }
@container (min-width: 3px) { a { color: red; } }
@layer base { a { color: red; } }
a { translate: 10px; }
@media (width >= 400px) { a { color: red; } }
:is(a, b) { color: red; }
"""
GOOD_STYLE = """
@supports selector(:has(a)) { a:has(b) { color: red; } }
a { height: 100vh; } @supports (height: 1dvh) { a { height: 100dvh; } }
a { inset: 0; } a { color: rgb(0 0 0 / 10%); } a { width: min(1px, 2px); }
@media (prefers-color-scheme: dark) { a { color: red; } }
"""
BAD_SCRIPT = """
[1].at(-1);
structuredClone({});
crypto.randomUUID();
Object.hasOwn({}, "a");
[1].findLast(() => true);
Promise.withResolvers();
nowhere();
"""
GOOD_SCRIPT = """
let found; found ??= document.body?.dataset.x; alert(found);
document.querySelectorAll(".x").forEach((each) => each.replaceChildren());
Promise.any([fetch("/")]).then(() => "a-b".replaceAll("-", ""));
"""


def run(tool: str, name: str, text: str) -> list[int]:
    """The lines of a file of this name that are complained of."""
    program = ROOT / "node_modules/.bin" / tool
    assert program.exists(), "`make node_modules/.ready` installs it"
    argv = [str(program), "--stdin", "--stdin-filename", str(ROOT / name), "-f", "json"]
    done = subprocess.run(argv, cwd=ROOT, input=text.strip(), capture_output=True, text=True, check=False)
    (told,) = json.loads(done.stdout or done.stderr)
    found = sorted({each["line"] for each in told.get("messages", told.get("warnings"))})
    assert done.returncode == (1 if tool == "eslint" else 2) * bool(found), done.stderr
    return found


@pytest.mark.parametrize(
    ("tool", "name", "bad", "good"),
    [("stylelint", "static/x.css", BAD_STYLE, GOOD_STYLE), ("eslint", "static/x.js", BAD_SCRIPT, GOOD_SCRIPT)],
)
def test_what_the_oldest_browser_does_not_know_is_told(tool: str, name: str, bad: str, good: str) -> None:
    assert run(tool, name, bad) == list(range(1, len(bad.strip().splitlines()) + 1))
    assert run(tool, name, good) == []


def test_a_script_newer_than_es2021_is_not_even_read() -> None:
    assert run("eslint", "static/x.js", "class A { static { this.x = 1; } }") == [1]


def test_the_instruments_are_exact_and_the_lock_names_hashes_and_no_host() -> None:
    asked = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    own = packages.pop("")
    assert own["devDependencies"] == asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if not facts.get("integrity", "").startswith("sha512-")] == []
