"""From a fresh clone to ready, from installed to ready, and what it weighs at rest."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import house
from benchmarks.house import ROOT, started

READY_LIMIT = 10.0
REST_LIMIT = 400.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="minka-bench-") as folder:
        home = Path(folder)
        with started(home) as minka:
            first = minka.seconds_to_ready
        with started(home) as minka:
            again = minka.seconds_to_ready
            time.sleep(20)
            before = minka.cpu_seconds()
            time.sleep(10)
            idle = (minka.cpu_seconds() - before) / 10
            rest = minka.pss_mb()
            processes = len(minka.processes())
    clone = fresh_clone()
    print("| figure | measured | limit | ratio |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| fresh clone to ready, s | {clone:.0f} | | |")
    print(f"| installed to ready, empty home, s | {first:.1f} | {READY_LIMIT:.0f} | {first / READY_LIMIT:.2f} |")
    print(f"| installed to ready, data there, s | {again:.1f} | {READY_LIMIT:.0f} | {again / READY_LIMIT:.2f} |")
    print(
        f"| memory at rest, {processes} processes, MB PSS | {rest:.0f} | {REST_LIMIT:.0f} | {rest / REST_LIMIT:.2f} |"
    )
    print(f"| processor at rest, % of one core | {100 * idle:.1f} | | |")


def fresh_clone() -> float:
    """Seconds from `git clone` to the line that says Minka is ready, packages fetched and installed on the way."""
    with tempfile.TemporaryDirectory(prefix="minka-clone-") as folder:
        begin = time.monotonic()
        copy = Path(folder) / "minka"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        environment = {**house.environment(), "MINKA_HOME": str(Path(folder) / "home"), "PORT": str(house.free_port())}
        process = subprocess.Popen(["make", "up"], cwd=copy, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        try:
            if not any(line.startswith("Minka is ready") for line in process.stdout):
                raise SystemExit("the fresh clone did not start")
            return time.monotonic() - begin
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
