"""Taking out 100,000 judgements of one account, and putting them back: how long, in how much memory, and that every
count is a recount after each."""

import resource
import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.house import throwaway_database

JUDGEMENTS = 100_000
OTHERS = 2
CAMPAIGNS = 4
T = TypeVar("T")

# Items of four campaigns, each judged by the account and by two others, settled; written as the rows stand.
_ITEMS = """
    INSERT INTO annotations_item (campaign_id, prompt_id, variety_id, kind, source_id, sensitive, created_at)
    SELECT c.id, p.id, 'es-CL', 'vote', 'b' || n, '{}', now()
      FROM generate_series(1, %(items)s) n, annotations_campaign c, (SELECT min(id) AS id FROM annotations_prompt) p
     WHERE c.slug LIKE 'purge-%%'"""
_PLACES = """
    INSERT INTO annotations_itemoutput (item_id, output_id, position)
    SELECT i.id, o.id, o.place - 1 FROM annotations_item i,
           (SELECT id, row_number() OVER (ORDER BY id) AS place FROM annotations_output) o
     WHERE i.source_id LIKE 'b%' AND o.place <= 2"""
_CELLS = """
    INSERT INTO annotations_cell (item_id, campaign_id, kind, variety_id, priority, needed, held, done, held_back,
                                  settled_at)
    SELECT id, campaign_id, 'vote', 'es-CL', 0, 3, 0, 3, '', now() FROM annotations_item WHERE source_id LIKE 'b%'"""
_SEATS = """
    INSERT INTO annotations_assignment (id, person_id, item_id, cell_id, judge_variety_id, state, shown, offer_policy,
                                        offer_probability, claimed_at, expires_at)
    SELECT gen_random_uuid(), p.id, c.item_id, c.id, 'es-CL', 'answered',
           (SELECT array_agg(o.output_id ORDER BY o.position) FROM annotations_itemoutput o
             WHERE o.item_id = c.item_id), 'in_order', 1, now(), now()
      FROM annotations_cell c JOIN annotations_item i ON i.id = c.item_id AND i.source_id LIKE 'b%',
           annotations_person p WHERE p.username LIKE 'purge-%'"""
_JUDGED = """
    WITH judged AS (
        INSERT INTO annotations_judgement (person_id, campaign_id, item_id, cell_id, assignment_id, kind, opt_out,
                                           judge_variety_id, consent_id, guideline_version, rubric_version, language,
                                           channel, shown, offer_policy, offer_probability, received_at, late, counted,
                                           not_counted)
        SELECT s.person_id, c.campaign_id, s.item_id, s.cell_id, s.id, 'vote', '', 'es-CL', p.consent_id, '1', '', 'es',
               'api', s.shown, 'in_order', 1, clock_timestamp(), false, true, ''
          FROM annotations_assignment s JOIN annotations_cell c ON c.id = s.cell_id
          JOIN annotations_person p ON p.id = s.person_id AND p.username LIKE 'purge-%'
        RETURNING id, shown
    )
    INSERT INTO annotations_vote (judgement_id, outcome, preferred_id, strength, aspects, reason)
    SELECT id, 'output', shown[1], 1, '{}', '' FROM judged"""
_VERDICTS = """
    INSERT INTO annotations_verdict (item_id, cell_id, outcome, preferred_id, rejected_id, method, n, agreement, margin,
                                     closed_short, evidence_until)
    SELECT c.item_id, c.id, 'output', a.output_id, b.output_id, 'strict_majority', 3, 1, 1, false, now()
      FROM annotations_cell c JOIN annotations_item i ON i.id = c.item_id AND i.source_id LIKE 'b%'
      JOIN annotations_itemoutput a ON a.item_id = i.id AND a.position = 0
      JOIN annotations_itemoutput b ON b.item_id = i.id AND b.position = 1"""
_WRONG = """
    SELECT (SELECT count(*) FROM annotations_cell c
             WHERE c.done <> (SELECT count(*) FROM annotations_judgement j WHERE j.cell_id = c.id AND j.counted)
                OR c.held + c.done > c.needed)
         + (SELECT count(*) FROM annotations_verdict v JOIN annotations_cell c ON c.id = v.cell_id
             WHERE v.superseded_at IS NULL AND (c.settled_at IS NULL OR v.n <> c.done))
         + (SELECT count(*) FROM (SELECT campaign_id, variety_id, sum(done) AS done FROM annotations_tally
                                   GROUP BY 1, 2) t
              FULL JOIN (SELECT campaign_id, variety_id, sum(done) AS done FROM annotations_cell
                          WHERE held_back = '' GROUP BY 1, 2) c USING (campaign_id, variety_id)
             WHERE coalesce(t.done, 0) <> coalesce(c.done, 0))"""


def main() -> None:
    with throwaway_database():
        _measure()


def _measure() -> None:
    from annotations.moderation.purges.actions import approve_purge, ask_purge, go_on, undo_purge
    from annotations.moderation.purges.queries import effect_of
    from annotations.people.models import Person

    _world()
    ana, carmen, dora = (Person.objects.get(username=name) for name in ("purge-0", "carmen", "dora"))
    told, seen = _timed(lambda: effect_of([ana]))
    purge = ask_purge(by=carmen, person=ana, code="several", words="Cinco cuentas.")
    before = _memory()
    approve_purge(by=dora, purge=purge)
    moved, out = _timed(go_on)
    wrong_out = _wrong()
    undo_purge(by=carmen, purge=purge, why="Era otra.")
    again, back = _timed(go_on)
    grown = _memory() - before
    wrong_back = _wrong()
    print("| what | measured |")
    print("| --- | ---: |")
    print(f"| judgements of the account | {told.judgements:,} |")
    print(f"| telling what it does, s | {seen:.1f} |")
    print(f"| taking {moved:,} out, s | {out:.1f} |")
    print(f"| counts that are no recount then | {wrong_out} |")
    print(f"| putting {again:,} back, s | {back:.1f} |")
    print(f"| counts that are no recount then | {wrong_back} |")
    print(f"| memory that grew meanwhile, MB | {grown:.0f} |")


def _world() -> None:
    from django.contrib.auth.models import Permission
    from django.db import connection

    from annotations.people.demo import volunteer
    from tests.cast import line, world

    for number in range(CAMPAIGNS):
        world(line("a"), slug=f"purge-{number}")
    for number in range(1 + OTHERS):
        volunteer(f"purge-{number}", None, "es-CL")
    for name in ("carmen", "dora"):
        person = volunteer(name, None, "es-MX")
        person.user_permissions.set(Permission.objects.filter(codename__in=["add_purge", "change_purge"]))
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(_ITEMS, {"items": JUDGEMENTS // CAMPAIGNS})
        for statement in (_PLACES, _CELLS, _SEATS, _JUDGED, _VERDICTS, "ANALYZE"):
            cursor.execute(statement)
        cursor.execute("SET ROLE minka_app")


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return call(), time.perf_counter() - began


def _memory() -> float:
    """The most this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _wrong() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return int(cursor.fetchone()[0])
