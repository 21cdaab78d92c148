"""What Lighthouse says of the pages a volunteer meets first: its phone, its slow network, its slow processor.

Each page is opened in three browsers that kept nothing; performance is the median, for it depends on what else this
machine does, accessibility the least.
"""

import json
import os
import statistics
import subprocess

from benchmarks.chromium import PATH, PHONE, SWITCHES, launched
from benchmarks.house import ROOT, House, started

FLOOR = 95
TRIES = 3
PAGES = {
    "home": "/", "campaign": "/c/demo/", "door": "/try/start/", "sign-up": "/join/", "vote table": "/try/",
    "guidelines": "/guidelines/vote/",
}  # fmt: skip


def main() -> None:
    with started() as house:
        cookies = _guest(house)
        found = {page: [_scores(house, path, cookies) for _ in range(TRIES)] for page, path in PAGES.items()}
    print("| page | performance | accessibility | at least | ratio of the floor to the lower |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for page, scores in found.items():
        performance = statistics.median(score["performance"] for score in scores)
        accessibility = min(score["accessibility"] for score in scores)
        ratio = FLOOR / max(1, min(performance, accessibility))
        print(f"| {page} | {performance:.0f} | {accessibility:.0f} | {FLOOR} | {ratio:.2f} |")


def _guest(house: House) -> str:
    """The cookies of somebody who came in by the door, so that the table is set for them."""
    with launched() as browser:
        page = browser.new_context(**PHONE).new_page()
        page.goto(f"{_base(house)}{PAGES['door']}")
        page.locator("[name=variety][value=es-CL]").tap()
        page.locator("[data-work] .bar > button").first.wait_for()
        return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())


def _scores(house: House, path: str, cookies: str) -> dict[str, float]:
    """From 0 to 100, by category."""
    command = [
        str(ROOT / "node_modules/.bin/lighthouse"), f"{_base(house)}{path}", "--quiet", "--output=json",
        "--only-categories=performance,accessibility", "--form-factor=mobile", "--throttling-method=simulate",
        f"--chrome-flags={' '.join(('--headless', *SWITCHES))}", "--no-enable-error-reporting",
        f"--extra-headers={json.dumps({'Cookie': cookies})}",
    ]  # fmt: skip
    surroundings = {**os.environ, "CHROME_PATH": PATH}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:  # the instrument's own browser did not come up; a page that is slow or wrong gets a score
        done = subprocess.run(command, env=surroundings, stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(done.stdout)
    if report.get("runtimeError") or not report["finalDisplayedUrl"].endswith(path):
        raise SystemExit(f"{path} was not measured: {report['finalDisplayedUrl']} {report.get('runtimeError')}")
    return {name: 100 * category["score"] for name, category in report["categories"].items()}


def _base(house: House) -> str:
    """By name and not by number: a browser trusts `localhost` as it trusts HTTPS."""
    return f"http://localhost:{house.port}"
