"""A crowd that does a campaign's work through the real actions, with a ring in it that pushes one model.

Honest people see which answer is better as often as they are right. Accounts of the ring do so too, until they meet the
answer of their model, which they know by how it writes: no turn names a model. Then they prefer it.

What the n-th vote on a pair sees is drawn from the seed, the pair and n, so that two runs of one seed differ in what
the ring did, and hardly in luck. Whom the queue draws for whom is the real queue's chance, and another each time.
"""

import json
import math
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from annotations.assignments.actions import Submission, submit
from annotations.assignments.api import checked
from annotations.assignments.caps import reached
from annotations.assignments.imports import load_items
from annotations.assignments.models import Assignment, Campaign, Cell, Item, Judgement
from annotations.assignments.queries import KEYS
from annotations.assignments.seats import next_for
from annotations.people.anchors.actions import name_anchor
from annotations.people.anchors.models import Anchor
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.seeding import load_varieties
from annotations.quality.actions import settle_due
from annotations.quality.checks.actions import look_for_alarms
from annotations.quality.models import Verdict
from benchmarks.poisoning import Found

VARIETY: Final = "es-CL"
PUSHED: Final = "lince"
MODELS: Final = ("alpaca", "colibrí", "cóndor", "jaguar", "ñandú", "puma", "tapir", "vicuña", "zorro")
SIGN: Final = "Como siempre digo,"
"""How the pushed model begins what it writes."""
TARGETED, LOSES = 0.4, 0.8
"""The share of pairs in which it stands, and of these the share in which the other is the better."""
Group = Literal["honest", "ring", "anchor"]
RIGHT: Final[Mapping[Group, tuple[float, float]]] = {"honest": (0.70, 0.90), "anchor": (0.85, 0.95)}
"""How often people are right: between these. The ring is made of honest people."""


class Member(NamedTuple):
    """Somebody of the crowd: how often they are right, and how much they work."""

    person: Person
    group: Group
    right: float
    appetite: float = 1.0


class World(NamedTuple):
    """A campaign, and what its items hide: by item the better output, and the pushed one where it stands."""

    campaign: Campaign
    names: Mapping[int, str]
    better: Mapping[int, int]
    pushed: Mapping[int, int]
    texts: Mapping[int, str]


# Before ---------------------------------------------------------------------------------------------------------------


def gather(count: int) -> list[Person]:
    load_varieties()
    return [volunteer(f"persona-{number}", None, VARIETY) for number in range(count)]


def crowd_of(people: Sequence[Person], seed: int, *, anchors: int = 0) -> list[Member]:
    """All honest, in an order of the seed; the last of the people are anchors."""
    chance, honest = random.Random(f"people {seed}"), len(people) - anchors
    groups: list[tuple[Group, Sequence[Person]]] = [("honest", people[:honest]), ("anchor", people[honest:])]
    return [
        Member(person, group, chance.uniform(*RIGHT[group]))
        for group, several in groups
        for person in chance.sample(several, len(several))
    ]


def with_ring(crowd: Sequence[Member], *, votes: float, times: float = 1.0) -> list[Member]:
    """The same people, but the first of them are a ring that gives such a share of all votes; each of its accounts
    works so many times as much as anybody else."""
    accounts = max(1, round(votes * len(crowd) / (times - (times - 1) * votes)))
    return [*(each._replace(group="ring", appetite=times) for each in crowd[:accounts]), *crowd[accounts:]]


def _name(anchors: Sequence[Person]) -> None:
    """These, and nobody else, are anchors from now on."""
    Anchor.objects.all().delete()
    lead = Person.objects.filter(username="jefa").first() or volunteer("jefa", None, VARIETY)
    for person in anchors:
        name_anchor(lead=lead, person=person, variety=Variety.objects.get(tag=VARIETY), why="Los conozco.")


def world(*, slug: str, pairs: int, seed: int, **settings: Any) -> World:
    """A campaign of so many pairs. The better of two stands at place 0 or 1 by chance."""
    chance = random.Random(f"pairs {seed}")
    campaign = Campaign.objects.create(slug=slug, name=slug, takes_guests=False, **settings)
    targeted = set(chance.sample(range(pairs), math.ceil(TARGETED * pairs)))
    losing = set(chance.sample(sorted(targeted), round(LOSES * len(targeted))))
    lines, first_is_better = [], {}
    for number in range(pairs):
        models = chance.sample(MODELS, 2)
        if number in targeted:
            models[0] = PUSHED
        better = models[number in losing] if number in targeted else chance.choice(models)
        chance.shuffle(models)
        first_is_better[str(number)] = models[0] == better
        lines.append(_line(number, models))
    report = load_items(campaign=campaign, lines=checked(list(enumerate(lines, 1)), "bench"))
    assert report.added == pairs, json.dumps([str(each) for each in report.refused])
    return _known(campaign, first_is_better)


def _line(number: int, models: Sequence[str]) -> dict[str, Any]:
    outputs = [
        {"model": each, "text": f"{SIGN if each == PUSHED else f'Dice {each}:'} respuesta a {number}."}
        for each in models
    ]
    facts = {"variety": VARIETY, "prompt": f"Pregunta {number}: ¿qué conviene?", "licence": "CC0-1.0"}
    return {"id": str(number), "outputs": outputs} | facts


def _known(campaign: Campaign, first_is_better: Mapping[str, bool]) -> World:
    items = list(Item.objects.filter(campaign=campaign).prefetch_related("places__output"))
    outputs = {item.pk: [place.output for place in item.places.all()] for item in items}
    return World(
        campaign,
        names={item.pk: item.source_id for item in items},
        better={item.pk: outputs[item.pk][not first_is_better[item.source_id]].pk for item in items},
        pushed={item: each.pk for item, several in outputs.items() for each in several if each.text.startswith(SIGN)},
        texts={each.pk: each.text for several in outputs.values() for each in several},
    )


# The work -------------------------------------------------------------------------------------------------------------


def work(world: World, crowd: Sequence[Member], seed: int) -> None:
    """Turns in an order drawn by appetite, until nobody finds anything any more. What is due is settled after as many
    turns as there are people, and whoever found nothing looks again then."""
    chance, voted = random.Random(f"turns {seed}"), Counter[int]()
    while _turns(world, crowd, chance, voted, seed):
        settle_due()
        look_for_alarms()


def _turns(world: World, crowd: Sequence[Member], chance: random.Random, voted: Counter[int], seed: int) -> int:
    awake, taken = list(crowd), 0
    while awake and taken < len(crowd):
        member = chance.choices(awake, [each.appetite for each in awake])[0]
        seat = next_for(person=member.person, campaign=world.campaign)
        if seat is None:
            awake.remove(member)
            if not Cell.objects.filter(campaign=world.campaign, open=True).exists():
                break  # nor will anybody else find one: they need not be asked one by one
            continue
        luck = random.Random(f"{seed} {world.names[seat.item_id]} {voted[seat.item_id]}").random()
        preferred = KEYS[seat.shown.index(prefers(world, member, seat, luck))]
        submit(person=member.person, submission=Submission(uuid.uuid4(), seat.pk, channel=Judgement.Channel.API),
               answer={"preferred": preferred, "strength": 1})  # fmt: skip
        voted[seat.item_id] += 1
        taken += 1
    return taken


def prefers(world: World, member: Member, seat: Assignment, luck: float) -> int:
    """The output this member votes for, of those the seat shows. The ring goes by the texts, like anybody."""
    own = [output for output in seat.shown if world.texts[output].startswith(SIGN)]
    if member.group == "ring" and own:
        return own[0]
    better = world.better[seat.item_id]
    return better if luck < member.right else next(output for output in seat.shown if output != better)


# After ----------------------------------------------------------------------------------------------------------------


def found(world: World, crowd: Sequence[Member]) -> Found:
    current = Verdict.objects.filter(item__campaign=world.campaign, superseded_at=None)
    verdicts = {item: (outcome, preferred) for item, outcome, preferred
                in current.values_list("item", "outcome", "preferred")}  # fmt: skip
    exposed = sorted((item for item, own in world.pushed.items() if world.better[item] != own),
                     key=lambda item: int(world.names[item]))  # fmt: skip
    said = [verdicts.get(item, ("", None)) for item in exposed]
    votes = Counter(Judgement.objects.filter(campaign=world.campaign, counted=True).values_list("person", flat=True))
    stopped = [bool(reached(each.person, [world.campaign])) for each in crowd]
    return Found(
        flipped=[
            int(preferred == world.pushed[item]) for item, (_outcome, preferred) in zip(exposed, said, strict=True)
        ],
        no_majority=sum(outcome == Verdict.Outcome.NO_MAJORITY for outcome, _preferred in said) / len(said),
        unsettled=sum(not outcome for outcome, _preferred in said) / len(said),
        votes_an_item=votes.total() / len(world.names),
        of_the_ring=sum(votes[each.person.pk] for each in crowd if each.group == "ring") / votes.total(),
        ring_stopped=sum(stop for stop, each in zip(stopped, crowd, strict=True) if each.group == "ring"),
        others_stopped=sum(stop for stop, each in zip(stopped, crowd, strict=True) if each.group != "ring"),
    )


def run(crowd: Sequence[Member], *, slug: str, pairs: int, seed: int, **settings: Any) -> Found:
    """A campaign from its import to its last verdict."""
    here = world(slug=slug, pairs=pairs, seed=seed, **settings)
    _name([member.person for member in crowd if member.group == "anchor"])
    work(here, crowd, seed)
    return found(here, crowd)
