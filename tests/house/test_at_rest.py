"""What every process holds while nothing happens: what only the night needs is loaded when the night needs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = "import minka.wsgi, minka.urls"
WORKER = "from minka.celery import app; app.loader.import_default_modules()"
HEAVY = ("numpy", "pyarrow", "pandas", "scipy")


@pytest.mark.parametrize("start", [WEB, WORKER])
def test_at_rest_nothing_is_loaded_that_only_the_night_needs(start: str) -> None:
    program = f"import django, sys; django.setup(); {start}; print([name for name in {HEAVY} if name in sys.modules])"
    run = [sys.executable, "-W", "ignore", "-c", program]
    path = f"{ROOT}:{ROOT / 'platform'}"
    done = subprocess.run(
        run, env={**os.environ, "DJANGO_SETTINGS_MODULE": "minka.settings", "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
