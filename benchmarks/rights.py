"""Taking along everything of somebody who answered ten thousand items, and erasing it, over a running house."""

import http.client
import time

import psycopg

from benchmarks.cycle import load
from benchmarks.house import House, started

JUDGEMENTS = 10_000
LIMIT = 60.0

_ANSWER_ALL = """
    WITH seat AS (
        INSERT INTO annotations_assignment (id, person_id, item_id, cell_id, judge_variety_id, state, shown,
                                            offer_policy, offer_probability, claimed_at, expires_at)
        SELECT gen_random_uuid(), p.id, c.item_id, c.id, 'es-CL', 'answered',
               (SELECT array_agg(o.output_id ORDER BY o.output_id) FROM annotations_itemoutput o
                 WHERE o.item_id = c.item_id), 'in_order', 1, now(), now()
          FROM annotations_cell c JOIN annotations_campaign m ON m.id = c.campaign_id AND m.slug = 'bench',
               annotations_person p WHERE p.username = %(name)s
        RETURNING *
    ), judged AS (
        INSERT INTO annotations_judgement (person_id, campaign_id, item_id, cell_id, assignment_id, kind, opt_out,
                                           judge_variety_id, consent_id, guideline_version, rubric_version, language,
                                           channel, shown, offer_policy, offer_probability, received_at, late, counted,
                                           not_counted)
        SELECT s.person_id, c.campaign_id, s.item_id, s.cell_id, s.id, 'vote', '', 'es-CL', p.consent_id, '1', '', 'es',
               'api', s.shown, 'in_order', 1, now(), false, true, ''
          FROM seat s JOIN annotations_cell c ON c.id = s.cell_id JOIN annotations_person p ON p.id = s.person_id
        RETURNING id, shown
    )
    INSERT INTO annotations_vote (judgement_id, outcome, preferred_id, strength, aspects, reason)
    SELECT id, 'output', shown[1], 1, '{}', '' FROM judged
"""
_ERASE = (
    "from annotations.people.models import Person; from annotations.people.rights.actions import erase;"
    "import time; begin = time.perf_counter();"
    "erase(person=Person.objects.get(username='{name}'), contributions=True); print(time.perf_counter() - begin)"
)


def main() -> None:
    with started() as house:
        load(house, JUDGEMENTS)
        name, token = house.manage("seed_volunteers", "1", "--variety", "es-CL").split()
        _answer_all(house, name)
        along, size = _take_along(house, token)
        erased = float(house.manage("shell", "-c", _ERASE.format(name=name)).split()[-1])
    print("| what | measured | limit | ratio |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| take along {JUDGEMENTS:,} judgements ({size / 1e6:.1f} MB), s | {along:.1f} | {LIMIT:.0f} |"
          f" {along / LIMIT:.2f} |")  # fmt: skip
    print(f"| erase them, s | {erased:.1f} | {LIMIT:.0f} | {erased / LIMIT:.2f} |")


def _answer_all(house: House, name: str) -> None:
    with psycopg.connect(house.database) as connection:
        connection.execute(_ANSWER_ALL, {"name": name})
        connection.execute(
            "UPDATE annotations_cell c SET done = done + 1 FROM annotations_campaign m"
            " WHERE m.id = c.campaign_id AND m.slug = 'bench'"
        )


def _take_along(house: House, token: str) -> tuple[float, int]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port)
    begin = time.perf_counter()
    connection.request("GET", "/api/v1/me/data/", headers={"Authorization": f"Token {token}"})
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise SystemExit(f"{response.status} {data[:200]!r}")
    return time.perf_counter() - begin, len(data)
