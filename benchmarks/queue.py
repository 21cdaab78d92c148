"""Whether a person's cycle costs more where there is more: items, done ones at the head, past judgements, campaigns.

Two houses run side by side, a small one and a large one, filled by SQL alike: the head of the queue is done, one of
sixteen people has 100,000 judgements behind them, twenty other campaigns are open. Sixteen people work at once, in each
house in turn, three times; the median of each figure counts. `BENCH_ITEMS=10000000` makes the large one larger (about
20 GB, half an hour).
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import psycopg

from benchmarks.cycle import Client, inserts, load, one_request, two_requests
from benchmarks.house import House, started

SMALL, LARGE = 10_000, int(os.environ.get("BENCH_ITEMS", "1000000"))
KINDS_OF_ITEMS = 1_000
"""Items that are imported; all others are copies, with the same prompt and outputs."""
PEOPLE, CYCLES, RUNS = 16, 15, 3
CAMPAIGNS = 20
HEAVY = 100_000
LIMIT = 1.3

_COPY = """
    INSERT INTO annotations_item (campaign_id, prompt_id, variety_id, kind, source_id, sensitive)
    SELECT {campaign}, (array[{prompts}])[1 + g % {kinds}], 'es-CL', 'vote', 'copy ' || g, '{{}}'
      FROM generate_series(1, {count}) g;
    INSERT INTO annotations_itemoutput (item_id, output_id, position)
    SELECT i.id, o.id, row_number() OVER (PARTITION BY i.id ORDER BY o.id) - 1
      FROM annotations_item i JOIN annotations_output o ON o.prompt_id = i.prompt_id
     WHERE i.campaign_id = {campaign} AND i.source_id LIKE 'copy %';
    INSERT INTO annotations_cell (item_id, campaign_id, kind, variety_id, priority, needed, held, done, held_back)
    SELECT id, campaign_id, kind, variety_id, 0, 3, 0, 0, '' FROM annotations_item
     WHERE campaign_id = {campaign} AND source_id LIKE 'copy %' ORDER BY id;"""
_OTHERS = """
    INSERT INTO annotations_campaign (slug, name, about, asked_by, kind, state, needed, rule, judged_in,
           contribution_licence, lease_minutes, practice, takes_guests, asks_models, drawn_from, gate, asks_confirmed,
           anchored, close_first)
    SELECT 'other-' || g, name, about, asked_by, kind, state, needed, rule, judged_in, contribution_licence,
           lease_minutes, practice, takes_guests, asks_models, drawn_from, gate, asks_confirmed, anchored, close_first
      FROM annotations_campaign, generate_series(1, %(count)s) g WHERE slug = 'bench'"""
_DONE = """
    UPDATE annotations_cell SET done = 3, settled_at = now() WHERE id IN (
        SELECT id FROM annotations_cell WHERE campaign_id = %(campaign)s ORDER BY id LIMIT %(count)s)"""
_JUDGED = """
    WITH cells AS (
        SELECT c.id, c.item_id, c.campaign_id FROM annotations_cell c
         WHERE c.campaign_id = %(campaign)s AND c.open ORDER BY c.id LIMIT %(count)s
    ), seats AS (
        INSERT INTO annotations_assignment (id, person_id, item_id, cell_id, judge_variety_id, state, shown,
                                            offer_policy, offer_probability, claimed_at, expires_at)
        SELECT gen_random_uuid(), %(person)s, c.item_id, c.id, 'es-CL', 'answered', '{}', 'in_order', 1, now(), now()
          FROM cells c RETURNING id, cell_id, item_id
    ), judged AS (
        INSERT INTO annotations_judgement (person_id, campaign_id, item_id, cell_id, assignment_id, kind, opt_out,
                                           judge_variety_id, consent_id, guideline_version, rubric_version, language,
                                           channel, shown, offer_policy, offer_probability, received_at, late, counted,
                                           not_counted)
        SELECT p.id, c.campaign_id, c.item_id, c.id, s.id, 'vote', '', 'es-CL', p.consent_id, '1', '', 'es', 'api',
               '{}', 'in_order', 1, now(), false, true, ''
          FROM cells c JOIN seats s ON s.cell_id = c.id JOIN annotations_person p ON p.id = %(person)s)
    UPDATE annotations_cell SET done = 1 FROM cells WHERE cells.id = annotations_cell.id"""


class Run(NamedTuple):
    """What a cycle cost: CPU in ms, all of it and the database's, blocks the database touched; wall times in ms."""

    cpu: float
    database: float
    blocks: float
    p50: float
    p95: float
    a_second: float


def main() -> None:
    with started() as small, started() as large:
        sides = [(small, _fill(small, SMALL)), (large, _fill(large, LARGE))]
        print(
            "| cycle, 16 people | items | CPU ms | database's | blocks | p50 ms | p95 | a second | CPU x | blocks x |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name, cycle in (("one request", one_request), ("two requests", two_requests)):
            runs = [[_run(house, crowd, cycle) for house, crowd in sides] for _each in range(RUNS)]
            few, many = (Run(*map(statistics.median, zip(*side, strict=True))) for side in zip(*runs, strict=True))
            _row(name, SMALL, few, "| ")
            _row(name, LARGE, many, f"{many.cpu / few.cpu:.2f} | {many.blocks / few.blocks:.2f}")
        insert = inserts(large)
    print(f"\nLimit of both ratios: {LIMIT}. Single-row inserts with their own commit: {1000 / insert:.0f} a second.")


def _row(name: str, items: int, run: Run, ratios: str) -> None:
    print(f"| {name} | {items:,} | {run.cpu:.1f} | {run.database:.1f} | {run.blocks:.0f} | {run.p50:.0f} |"
          f" {run.p95:.0f} | {run.a_second:.0f} | {ratios} |")  # fmt: skip


def _fill(house: House, items: int) -> list[Client]:
    """Fill a house; returns its people, the heavy one first."""
    load(house, KINDS_OF_ITEMS)
    lines = house.manage("seed_volunteers", str(PEOPLE), "--variety", "es-CL").splitlines()
    with psycopg.connect(house.database, autocommit=True) as database:
        # Foreign keys are not checked row by row: the rows are copies of rows that are there.
        database.execute("SET session_replication_role = replica")
        database.execute(_OTHERS, {"count": CAMPAIGNS})
        campaigns = dict(database.execute("SELECT slug, id FROM annotations_campaign").fetchall())
        past = min(HEAVY, items // 2)
        person = database.execute("SELECT id FROM annotations_person WHERE username = %s", [lines[0].split()[0]])
        (heavy,) = person.fetchone() or (None,)
        for slug, count in [
            ("bench", items),
            ("other-1", HEAVY),
            *((f"other-{n}", 500) for n in range(2, CAMPAIGNS + 1)),
        ]:
            copy_items(database, campaigns[slug], count)
        database.execute("ANALYZE")
        database.execute(_DONE, {"campaign": campaigns["bench"], "count": past})
        database.execute(_JUDGED, {"campaign": campaigns["bench"], "count": past // 2, "person": heavy})
        database.execute(_JUDGED, {"campaign": campaigns["other-1"], "count": HEAVY - past // 2, "person": heavy})
        database.execute("VACUUM ANALYZE")
    return [Client(house, line.split()[1]) for line in lines]


def copy_items(database: psycopg.Connection, campaign: int, count: int) -> None:
    """As many items more, like those that were imported."""
    imported = "SELECT DISTINCT prompt_id FROM annotations_item WHERE source_id NOT LIKE 'copy %%' AND campaign_id = %s"
    (bench,) = database.execute("SELECT id FROM annotations_campaign WHERE slug = 'bench'").fetchone() or (0,)
    prompts = [row[0] for row in database.execute(imported, [bench])]
    sql = _COPY.format(campaign=campaign, count=count, kinds=len(prompts), prompts=",".join(map(str, prompts)))
    database.execute(sql)  # type: ignore[call-overload]  # put together from numbers


def _run(house: House, crowd: list[Client], cycle: Callable[[Client], None]) -> Run:
    for client in crowd:  # warm, and the heavy one's first walk over what they did is behind them
        client.connection.close()  # idle while the other house worked: the server has
        cycle(client)
        client.connection.close()  # and will again before the blocks are counted
    walls: list[float] = []
    blocks, before, begin = _blocks(house), _cpu(house), time.perf_counter()
    threads = [threading.Thread(target=_work, args=(client, cycle, walls)) for client in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, after, count = time.perf_counter() - begin, _cpu(house), len(walls)
    cpu, database = (1000 * (now - then) / count for then, now in zip(before, after, strict=True))
    p95 = statistics.quantiles(walls, n=20)[18]
    return Run(cpu, database, (_blocks(house) - blocks) / count, statistics.median(walls), p95, count / took)


def _cpu(house: House) -> tuple[float, float]:
    return house.cpu_seconds(), house.cpu_seconds("postgres")


def _work(client: Client, cycle: Callable[[Client], None], walls: list[float]) -> None:
    for _each in range(CYCLES):
        begin = time.perf_counter()
        cycle(client)
        walls.append(1000 * (time.perf_counter() - begin))


def _blocks(house: House) -> int:
    """Shared blocks the database has touched so far. Its processes tell when they were idle for ten seconds."""
    time.sleep(11)
    with psycopg.connect(house.database) as database:
        row = database.execute(
            "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0
