"""A run without a network, from a terminal: `python -m minka_client pack RUN FOLDER`, `… upload FOLDER --model NAME`.

The house stands in `MINKA_ADDRESS`, the token in `MINKA_TOKEN`: what stands on a command line is read by others.
"""

import argparse
import os
import sys

from minka_client.client import Minka
from minka_client.errors import Damaged, Refused, Unreachable
from minka_client.packing import pack, upload


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m minka_client", description=(__doc__ or "").partition("\n\n")[2])
    does = parser.add_subparsers(dest="does", required=True)
    packs = does.add_parser("pack", help="everything a run needs, in one folder")
    packs.add_argument("run")
    packs.add_argument("folder")
    uploads = does.add_parser("upload", help="metrics, answers, numbers and the end of a packed run")
    uploads.add_argument("folder")
    uploads.add_argument("--model", required=True, help="the model's name from now on")
    uploads.add_argument("--licence", required=True, help="of what it says")
    uploads.add_argument("--permitted-use", nargs="+", choices=["train", "evaluate"], help="both when left out")
    asked = parser.parse_args(argv)
    if missing := [name for name in ("MINKA_ADDRESS", "MINKA_TOKEN") if not os.environ.get(name)]:
        return _no(f"{' and '.join(missing)} must be set")
    try:
        with Minka(os.environ["MINKA_ADDRESS"], os.environ["MINKA_TOKEN"]) as minka:
            if asked.does == "pack":
                print(pack(minka, minka.run(asked.run), asked.folder))
            else:
                facts = {"model": asked.model, "licence": asked.licence, "permitted_use": asked.permitted_use}
                print(upload(minka, asked.folder, **facts))
    except (Damaged, Refused, Unreachable) as wrong:
        return _no(str(wrong))
    return 0


def _no(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
