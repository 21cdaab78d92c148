"""A real Argilla server on this machine, until it is told to stop: its own application, tables, permissions and API, on
SQLite. In the place of Redis it has a stand-in in this process, where its webhooks are sent too, and a search engine
that finds nothing.

    .venv-argilla-server/bin/python tests/quality/argilla/server --data DIR --port N --key OWNERS_KEY

Prints `ready` once it answers. What is in DIR is found again by the next start.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", required=True)
    return parser.parse_args()


def configure(data: Path) -> None:
    """The server reads its settings, and makes its connection to Redis, when it is imported."""
    import fakeredis
    import redis

    redis.from_url = lambda *_args, **_facts: fakeredis.FakeRedis()
    scratch = data / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        ARGILLA_HOME_PATH=str(data.resolve()), ARGILLA_SEARCH_ENGINE="none", HF_HUB_DISABLE_TELEMETRY="1",
        ARGILLA_AUTH_SECRET_KEY="only-for-tests-0123456789abcdef0123456789abcdef", HF_HUB_OFFLINE="1",
        TMPDIR=str(scratch.resolve()),
    )  # fmt: skip


async def owner(key: str) -> None:
    from argilla_server.contexts import accounts
    from argilla_server.database import AsyncSessionLocal
    from argilla_server.models import User, UserRole

    async with AsyncSessionLocal() as db:
        if not await accounts.get_user_by_username(db, "owner"):
            await User.create(
                db, first_name="owner", username="owner", role=UserRole.owner, api_key=key,
                password_hash=accounts.hash_password("owner-password"),
            )  # fmt: skip


async def work() -> None:
    """What its worker would do: send webhooks, and what follows from changed settings."""
    from argilla_server.jobs.queues import DEFAULT_QUEUE, HIGH_QUEUE, REDIS_CONNECTION
    from rq import Queue

    while True:
        if found := Queue.dequeue_any([HIGH_QUEUE, DEFAULT_QUEUE], None, REDIS_CONNECTION):
            job = found[0]
            try:
                await job.func(*job.args, **job.kwargs)
            except Exception as wrong:  # noqa: BLE001 -- the next job has nothing to do with it
                print(f"{job.func_name}: {wrong!r}", file=sys.stderr, flush=True)
        else:
            await asyncio.sleep(0.1)


async def serve(port: int, key: str) -> None:
    import engine  # noqa: F401 -- it registers itself
    import uvicorn
    from argilla_server import app

    await owner(key)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    working = asyncio.create_task(work())
    if server.started:
        print("ready", flush=True)
    await serving
    working.cancel()


def main() -> None:
    asked = options()
    # uvicorn stops when it is told to and raises the signal again.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    sys.path.insert(0, str(HERE))
    configure(asked.data)
    from argilla_server.cli.database.migrate import migrate_db

    migrate_db("head")
    asyncio.run(serve(asked.port, asked.key))


if __name__ == "__main__":
    main()
