#!/usr/bin/env python
"""Django's command line, for this checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(1, str(ROOT / "platform"))  # source of `minka`; platform/ itself is never a package

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
