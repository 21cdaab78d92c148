"""From installed to ready, and what it weighs at rest."""

import tempfile
import time
from pathlib import Path

from benchmarks.house import started

READY_LIMIT = 10.0
REST_LIMIT = 400.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="minka-bench-") as folder:
        home = Path(folder)
        with started(home) as house:
            first = house.seconds_to_ready
        with started(home) as house:
            again = house.seconds_to_ready
            time.sleep(20)
            before = house.cpu_seconds()
            time.sleep(10)
            idle = (house.cpu_seconds() - before) / 10
            rest = house.pss_mb()
            processes = len(house.processes())
    print("| figure | measured | limit | ratio |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| installed to ready, empty home, s | {first:.1f} | {READY_LIMIT:.0f} | {first / READY_LIMIT:.2f} |")
    print(f"| installed to ready, data there, s | {again:.1f} | {READY_LIMIT:.0f} | {again / READY_LIMIT:.2f} |")
    print(
        f"| memory at rest, {processes} processes, MB PSS | {rest:.0f} | {REST_LIMIT:.0f} | {rest / REST_LIMIT:.2f} |"
    )
    print(f"| processor at rest, % of one core | {100 * idle:.1f} | | |")
