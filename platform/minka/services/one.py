"""`python -m minka.services.one web`: one part of the house, for a machine whose own parent looks after each (systemd).

`web`, `worker`, `timetable` and `receiver` are the programs that `up` starts, in the place of this process: its number
stays, and with it the sockets that systemd handed over. `database` is the embedded PostgreSQL, picked up when it falls,
with the receiver beside it where there is `MINKA_BACKUPS`; systemd is told when it answers.
"""

import os
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

from minka.services.postgres import PostgresError
from minka.services.up import NOTE, ROOT, House, Signals, Supervisor, Trouble, embedded_database

RECOVERY: Final = 50 * 60.0
"""Seconds for the database to replay what was committed before a crash; systemd waits an hour."""


def become(name: str, house: House) -> None:
    """Raises Trouble for a part that there is not, or whose database is not there yet; else never returns."""
    services = {service.name: service for service in house.services(house.environment())}
    if name not in services:
        raise Trouble(f"there is no {name!r}; there are database, {', '.join(services)}")
    if name != "receiver" and not os.environ.get("DATABASE_URL") and not (house.home / "database.json").exists():
        # Settings are read once: who starts without the address would keep a wrong one.
        raise Trouble(f"no database is at work in {house.home} yet: start it first, or set DATABASE_URL")
    if name != "receiver" and (house.home / NOTE).exists():
        raise Trouble(
            f"this house was restored, and what is to be done again is not done ({house.home / NOTE}): `manage.py"
            " furnish` does it, and so does deploy/one-machine/start"
        )
    house.counters.mkdir(parents=True, exist_ok=True)
    if name == "web":
        house.begin_to_count()
    os.chdir(ROOT)
    os.execvpe(services[name].argv[0], list(services[name].argv), dict(services[name].env))  # noqa: S606


def serve_database(house: House) -> None:
    """Until somebody asks to stop."""
    signals = Signals()
    with ExitStack() as stack:
        stack.enter_context(house.occupied())
        env = house.environment()
        database = embedded_database(house, env, stack, patience=RECOVERY)
        receivers = [service for service in house.services(env) if service.name == "receiver"]
        supervisor = Supervisor(
            receivers, logs=house.logs, signals=signals, database=database if database.owned else None
        )
        stack.callback(supervisor.stop)
        supervisor.start(lambda: True)
        tell_parent("READY=1", os.environ)
        supervisor.watch()


def tell_parent(state: str, surroundings: Mapping[str, str]) -> None:
    """In systemd's words (`sd_notify`), where it listens."""
    if address := surroundings.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


def main() -> int:
    house = House.from_environment()
    try:
        if sys.argv[1:] == ["database"]:
            serve_database(house)
        else:
            become(" ".join(sys.argv[1:]), house)
    except (Trouble, PostgresError) as trouble:
        print(f"Minka: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
