"""What strikes a house while people work in it, and when: drawn from a seed, and how long each time it took until
somebody's answer was acknowledged again.

The web server, the worker and the whole of PostgreSQL are killed with SIGKILL, each with all of its processes; the
tables of the queue are emptied. Nothing here cleans up after that, other than the platform.
"""

import os
import random
import signal
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
from kombu import Connection

from tests.datasets.killing import Place, kill_family, postmaster, until, web, worker
from tests.faults.crowd import Crowd

SHARES = {"web": 5, "worker": 3, "database": 2}
"""Of ten kills."""
A_MINUTE = 4
"""How often one thing is killed in a minute at most: a house picks it up five times, each time a little later."""


class Strike(NamedTuple):
    """What was struck; seconds until an answer sent after it was acknowledged; seconds until the queue was served."""

    what: str
    answered: float
    served: float


def schedule(chance: random.Random, kills: int, erased: int) -> list[str]:
    """So many kills, ten at a time in the shares above, and erasures of the queue, in an order drawn."""
    turns = [what for place in range(max(SHARES.values())) for what, share in SHARES.items() if share > place]
    drawn = [turns[number % len(turns)] for number in range(kills)] + ["queue"] * erased
    chance.shuffle(drawn)
    return drawn


class Striker:
    """Strikes, and waits until the house has picked itself up."""

    def __init__(self, place: Place, crowd: Crowd) -> None:
        self._place, self._crowd = place, crowd
        self._struck: dict[str, list[float]] = defaultdict(lambda: [-60.0] * A_MINUTE)

    def strike(self, what: str) -> Strike:
        time.sleep(max(0.0, self._struck[what][0] + 61 - time.monotonic()))
        act = getattr(self, f"_{what}")()
        moment = time.monotonic()
        act()
        self._struck[what] = [*self._struck[what][1:], moment]
        ended = self._place.house.process.poll
        until(lambda: self._crowd.answered_since(moment) or ended() is not None, pause=0.005)
        assert ended() is None, "the house gave up"
        answered = self._crowd.answered_since(moment)
        assert answered is not None
        return Strike(what, answered, self._serves() - moment)

    def _serves(self) -> float:
        """When a message that is sent now has been taken and done; not asked for where the queue is elsewhere."""
        if elsewhere():
            return time.monotonic()
        (message,) = self._send()
        while self._is_there(message):
            time.sleep(0.02)
        return time.monotonic()

    def _send(self) -> tuple[int]:
        """A job that does next to nothing, as the timetable sends it."""
        return self._place.ask("SELECT pgmq.send('minka', message) FROM public.a_message")[0]  # type: ignore[no-any-return]

    def _is_there(self, message: int) -> bool:
        return bool(self._place.ask("SELECT 1 FROM pgmq.q_minka WHERE msg_id = %s", message))

    # What is found before the moment, so that the moment is that of the blow.

    def _web(self) -> Callable[[], object]:
        group = web(self._place)
        return lambda: os.killpg(group, signal.SIGKILL)

    def _worker(self) -> Callable[[], object]:
        group = worker(self._place)
        return lambda: os.killpg(group, signal.SIGKILL)

    def _database(self) -> Callable[[], object]:
        server = postmaster(self._place)
        return lambda: kill_family(server)

    def _queue(self) -> Callable[[], object]:
        return lambda: erase_queue(self._place)


def elsewhere() -> bool:
    """Whether the queue is not on PostgreSQL."""
    return "BROKER_PID" in os.environ


def erase_queue(place: Place) -> None:
    """All that waits, and all that somebody is at. A broker of its own is killed, and comes back with nothing."""
    if not elsewhere():
        place.ask("TRUNCATE pgmq.q_minka")
        return
    os.kill(int(Path(os.environ["BROKER_PID"]).read_text()), signal.SIGKILL)
    time.sleep(0.5)
    with Connection(os.environ["CELERY_BROKER_URL"]) as broker:
        broker.ensure_connection(interval_start=0.5, interval_max=1, timeout=180)


def keep_a_message(place: Place) -> None:
    """One of the timetable's messages is copied, so that one can be sent without starting Django."""
    if elsewhere():
        return
    place.ask("CREATE TABLE public.a_message (message jsonb)")
    job = "from annotations.assignments.tallies.jobs import tidy; tidy.delay()"
    with psycopg.connect(place.house.database, autocommit=True) as database:
        database.execute("CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                         "  INSERT INTO public.a_message SELECT NEW.message"
                         "   WHERE NEW.message::text LIKE '%tallies.jobs.tidy%'; RETURN NEW; END $$")  # fmt: skip
        database.execute("GRANT ALL ON public.a_message TO PUBLIC")
        database.execute("CREATE TRIGGER keep BEFORE INSERT ON pgmq.q_minka FOR EACH ROW EXECUTE FUNCTION keep()")
    place.house.manage("shell", "-v0", "-c", job)
    place.ask("DROP TRIGGER keep ON pgmq.q_minka")
    place.ask("DELETE FROM public.a_message WHERE ctid <> (SELECT min(ctid) FROM public.a_message)")


def by_what(strikes: list[Strike]) -> Iterator[list[object]]:
    """Of each that was struck: how often; median, 95 % and longest until answers came again; longest until the queue
    was served again. Seconds."""
    for what in sorted({strike.what for strike in strikes}):
        times = [strike for strike in strikes if strike.what == what]
        answered = sorted(strike.answered for strike in times)
        facts = [statistics.median(answered), answered[int(0.95 * len(answered))], answered[-1]]
        yield [what, len(times), *(f"{fact:.2f}" for fact in [*facts, max(strike.served for strike in times)])]
