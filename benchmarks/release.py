"""What writing a release costs, beside what the database alone takes to hand out the same rows.

Two houses, a smaller and a larger, with three votes on each item, filled by SQL. Raw is `COPY (query) TO STDOUT` of
each of the release's queries, thrown away by the client. `BENCH_JUDGEMENTS=3000000` makes the large one larger.
"""

import json
import os
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.cycle import load
from benchmarks.house import House, started
from benchmarks.queue import KINDS_OF_ITEMS, copy_items

SMALL, LARGE = 100_000, int(os.environ.get("BENCH_JUDGEMENTS", "300000"))
PEOPLE, VOTES = 300, 3
LEAST_OF_RAW, MOST_CPU, MOST_MB, MOST_GROWTH, MOST_ROW = 0.8, 2.2, 350, 1.1, 1.2

# Of three votes on an item two or three are for its first output, and one in ten items is level.
_VOTED = """
    CREATE TEMP TABLE given AS
    SELECT c.id AS cell, c.item_id AS item, c.campaign_id AS campaign, place,
           (array[{people}])[1 + (c.id * 7 + place * 101) % {count}] AS person, gen_random_uuid() AS seat,
           CASE WHEN c.id % 10 = 0 THEN 'tie' ELSE 'output' END AS outcome,
           CASE WHEN place = 3 AND c.id % 3 = 0 THEN outs[2] ELSE outs[1] END AS preferred, outs
      FROM (SELECT id, item_id, campaign_id FROM annotations_cell WHERE campaign_id = {campaign}
             ORDER BY id LIMIT {items}) c
      JOIN LATERAL (SELECT array_agg(output_id ORDER BY position) AS outs FROM annotations_itemoutput o
                     WHERE o.item_id = c.item_id) o ON true
     CROSS JOIN generate_series(1, {votes}) place;
    INSERT INTO annotations_assignment (id, person_id, item_id, cell_id, judge_variety_id, state, shown, offer_policy,
                                        offer_probability, claimed_at, expires_at)
    SELECT seat, person, item, cell, 'es-CL', 'answered', outs, 'in_order', 1, now(), now() FROM given;
    INSERT INTO annotations_judgement (person_id, campaign_id, item_id, cell_id, assignment_id, kind, opt_out,
                                       judge_variety_id, consent_id, guideline_version, rubric_version, language,
                                       channel, shown, offer_policy, offer_probability, received_at, late, counted,
                                       not_counted, seconds)
    SELECT g.person, campaign, item, cell, seat, 'vote', '', 'es-CL', p.consent_id, '1', '', 'es', 'web', outs,
           'in_order', 1, now(), false, true, '', 12 FROM given g JOIN annotations_person p ON p.id = g.person;
    INSERT INTO annotations_vote (judgement_id, outcome, preferred_id, strength, aspects, reason)
    SELECT j.id, g.outcome, CASE g.outcome WHEN 'output' THEN g.preferred END,
           CASE g.outcome WHEN 'output' THEN 2 END, '{{}}', ''
      FROM given g JOIN annotations_judgement j ON j.assignment_id = g.seat;
    INSERT INTO annotations_verdict (item_id, cell_id, outcome, preferred_id, rejected_id, method, n, agreement, margin,
                                     closed_short, evidence_until, settled_at)
    SELECT item, cell, outcome, CASE outcome WHEN 'output' THEN outs[1] END,
           CASE outcome WHEN 'output' THEN outs[2] END,
           'strict_majority', {votes}, 1, CASE outcome WHEN 'output' THEN 1.5 END, false, now(), now()
      FROM given WHERE place = 1;
    UPDATE annotations_cell SET done = {votes}, settled_at = now() FROM given WHERE given.cell = annotations_cell.id"""


class Cost(NamedTuple):
    """Wall and processor seconds, database and client together, and the client's greatest memory in MB."""

    seconds: float
    cpu: float
    mb: float = 0


def main() -> None:
    print("| judgements | what | rows | wall s | rows a second | CPU s | µs a row | memory, MB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    both: list[tuple[int, Cost, Cost]] = []
    for judgements in (SMALL, LARGE):
        with started() as house:
            fill(house, judgements)
            rows, raw = _raw(house)
            ours = _ours(house)
        both.append((rows, raw, ours))
        _row(judgements, "COPY of the same queries", rows, raw)
        _row(judgements, "a release is written", rows, ours)
    (few, raw, small), (many, raw_large, large) = both
    print("\n| figure | measured | limit | ratio |\n| --- | ---: | ---: | ---: |")
    _limit("rows a second beside COPY, at least", raw_large.seconds / large.seconds, LEAST_OF_RAW, least=True)
    _limit("CPU beside COPY", large.cpu / raw_large.cpu, MOST_CPU)
    _limit("memory, MB", large.mb, MOST_MB)
    _limit("memory, large to small", large.mb / small.mb, MOST_GROWTH)
    _limit("CPU a row, large to small", large.cpu / many / (small.cpu / few), MOST_ROW)


def _row(judgements: int, what: str, rows: int, cost: Cost) -> None:
    memory = f"{cost.mb:.0f}" if cost.mb else ""
    print(f"| {judgements:,} | {what} | {rows:,} | {cost.seconds:.1f} | {rows / cost.seconds:,.0f} | {cost.cpu:.1f} |"
          f" {1e6 * cost.cpu / rows:.0f} | {memory} |", flush=True)  # fmt: skip


def _limit(what: str, measured: float, limit: float, *, least: bool = False) -> None:
    print(f"| {what} | {measured:.2f} | {limit} | {limit / measured if least else measured / limit:.2f} |")


def fill(house: House, judgements: int, kinds: int = KINDS_OF_ITEMS, several: int = PEOPLE) -> None:
    """So many votes by several people, on items that are copies of so many kinds."""
    load(house, kinds)
    house.manage("seed_volunteers", str(several), "--variety", "es-CL")
    with psycopg.connect(house.database, autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        (bench,) = database.execute("SELECT id FROM annotations_campaign WHERE slug = 'bench'").fetchone() or (0,)
        copy_items(database, bench, judgements // VOTES)
        people = database.execute("SELECT id FROM annotations_person WHERE consent_id IS NOT NULL").fetchall()
        facts = {"campaign": bench, "items": judgements // VOTES, "votes": VOTES, "count": len(people)}
        sql = _VOTED.format(people=",".join(str(key) for (key,) in people), **facts)
        database.execute(sql)  # type: ignore[call-overload]  # put together from numbers
        database.execute("VACUUM ANALYZE")


def _raw(house: House) -> tuple[int, Cost]:
    """How many rows all queries have, and what it costs to be handed them."""
    queries = json.loads(
        house.manage("shell", "-v0", "-c", "from benchmarks.release import tell; tell()").splitlines()[-1]
    )
    rows = 0
    with psycopg.connect(house.database) as database, _measured(house) as cost:
        for sql in queries:
            with database.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT") as copy:
                for _data in copy:
                    pass
                rows += cursor.rowcount
    return rows, cost[0]


def _ours(house: House) -> Cost:
    """By who publishes and the house's one worker, each with its own memory: the greater of the two is told."""
    with _measured(house) as cost:
        told = house.manage("shell", "-v0", "-c", "from benchmarks.release import export; export()")
    used = json.loads(told.splitlines()[-1])
    return Cost(used["seconds"], cost[0].cpu - used["before"], max(used["mb"], _greatest_mb(house)))


def _greatest_mb(house: House) -> float:
    """The greatest memory that a process of the workers ever had."""
    lines = (
        line for pid in house.processes() if b"celery" in Path(f"/proc/{pid}/cmdline").read_bytes()
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )  # fmt: skip
    return max(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


@contextmanager
def _measured(house: House) -> Iterator[list[Cost]]:
    """What passes in the block, in the house, here and in processes started from here."""
    found: list[Cost] = []
    before, begin = house.cpu_seconds() + _own(), time.perf_counter()
    yield found
    seconds = time.perf_counter() - begin
    found.append(Cost(seconds, house.cpu_seconds() + _own() - before))


def _own() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


# In the house -------------------------------------------------------------------------------------------------------


def _terms():  # type: ignore[no-untyped-def]  # Django is there only in the house
    from django.utils import timezone

    from annotations.datasets.names import terms_of, version_of

    cutoff = timezone.now().replace(microsecond=0)
    return terms_of(version_of(cutoff), cutoff)


def tell() -> None:
    """Print the release's queries, with what they are asked about in them."""
    from annotations.datasets.rows import QUERIES
    from annotations.datasets.snapshot import open_snapshot

    with open_snapshot() as snapshot:
        cursor = psycopg.ClientCursor(snapshot)
        print(json.dumps([cursor.mogrify(query.sql, _terms().facts) for query in QUERIES]))


def export() -> None:
    """Write a release aside, and print what it took; nothing of it stays."""
    from django.conf import settings
    from django.db import transaction

    from annotations.datasets.models import Release
    from annotations.datasets.snapshot import open_snapshot
    from annotations.datasets.sources import Live
    from annotations.datasets.writing import write

    terms, folder = _terms(), Path(settings.MINKA_RELEASES) / ".bench"
    before, begin = _own(), time.perf_counter()
    with transaction.atomic(), open_snapshot() as snapshot:
        release = Release.objects.create(version=terms.version, cutoff=terms.cutoff, manifest={})
        write(folder, Live(snapshot, terms, release), terms)
        transaction.set_rollback(True)
    seconds = time.perf_counter() - begin
    shutil.rmtree(folder)
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "before": before, "mb": mb}))
