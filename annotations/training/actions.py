"""What is done with runs: hand over, tell how it goes, take in what came of it.

Whatever a run says can be said again: asking for the same run twice makes one, an output is one by model, prompt and
sample. Every word of a run is a sign that it lives. What it measures is in `metrics/`.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.assignments.holding import avert
from annotations.assignments.models import Campaign
from annotations.corpus.actions import add_outputs, lock_imports
from annotations.corpus.lines import AnswerLine, BadLine, check_answer
from annotations.corpus.models import ModelVersion, Use
from annotations.corpus.naming import says_who_it_is
from annotations.datasets.models import Release
from annotations.errors import Refused
from annotations.people.models import Person
from annotations.training.handover import manifest_of, refuse_unfit
from annotations.training.models import MOVES, HandedRelease, RunPrompt, TrainedModel, TrainingRun
from annotations.training.pairing import KIND, house_names, pair
from annotations.training.prompts import ROLES, draw, still_may_leave

SILENCE: Final = dt.timedelta(minutes=30)
"""A running run that was not heard of for so long is lost."""
PROMPTS: Final = 200
MOST_PROMPTS: Final = 2_000
"""Of one role, in one run: where nothing else is asked for, and at most."""
MOST_ANSWERS: Final = 500
"""Answers in one request."""
State = TrainingRun.State


@dataclass(frozen=True)
class Wish:
    """What a run is asked to be.

    Attributes:
        releases: versions, of published releases.
        recipe: of `models.RECIPES`.
        base_model: the name of the model to start from, as its outputs are known here, if any are.
        base_licence: its licence; "unknown" is one.
        commit: of the recipe, where it is known.
        place: where it will run, in words.
        campaign: the slug of the campaign in which its model's answers are judged; none, and they are not paired.
        prompts: how many of each role at most; none of one that is not named.
        here: whether a worker of the house trains it.
    """

    releases: Sequence[str]
    recipe: str
    base_model: str
    base_licence: str
    commit: str = ""
    seed: int = 0
    place: str = ""
    campaign: str | None = None
    prompts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(ROLES, PROMPTS))
    here: bool = False

    @property
    def sha256(self) -> str:
        told = json.dumps(vars(self), sort_keys=True, ensure_ascii=False, default=list)
        return hashlib.sha256(told.encode()).hexdigest()


class Made(NamedTuple):
    run: TrainingRun
    is_new: bool


@transaction.atomic
def hand_over(*, owner: Person, wish: Wish, key: uuid.UUID | None = None) -> Made:
    """Make a run: its releases, its recipe and its prompts are what they are from now on.

    Args:
        key: the run's own, made by the client; sent again with the same wish, the run that is there.

    Raises:
        Refused: `invalid` (a release or campaign that is not there, nothing to train on), `recalled` (a release that
            was, or must be), `key_reused`.
    """
    owner, key = Person.objects.lock(owner), key or uuid.uuid4()
    if known := TrainingRun.objects.filter(pk=key).first():
        if known.owner_id != owner.pk or known.asked_sha256 != wish.sha256:
            raise Refused("key_reused", _("A run of this key was made already, and asked for otherwise."))
        return Made(known, is_new=False)
    if wish.here:
        _refuse_unless_here(wish)
    releases, campaign = _releases(wish), _campaign(wish.campaign)
    cutoff = max(release.cutoff for release in releases)
    prompts = {
        role: draw(role, seed=wish.seed, most=min(wish.prompts.get(role, 0), MOST_PROMPTS), cutoff=cutoff)
        for role in ROLES
    }
    run = TrainingRun.objects.create(
        pk=key, owner=owner, recipe=wish.recipe, commit=wish.commit, seed=wish.seed, base_model=wish.base_model,
        base_licence=wish.base_licence, campaign=campaign, place=wish.place, here=wish.here, asked_sha256=wish.sha256,
        manifest=manifest_of(
            releases=releases, recipe={"name": wish.recipe, "commit": wish.commit}, seed=wish.seed, prompts=prompts,
            base=_base(wish),
        ),
    )  # fmt: skip
    HandedRelease.objects.bulk_create(HandedRelease(run=run, release=release) for release in releases)
    drawn = [prompt for role in ROLES for prompt in prompts[role]]
    RunPrompt.objects.bulk_create(
        [RunPrompt(run=run, prompt=prompt, place=place) for place, prompt in enumerate(drawn)], batch_size=1_000
    )
    return Made(run, is_new=True)


def _refuse_unless_here(wish: Wish) -> None:
    if not settings.MINKA_TRAINER:
        raise Refused("invalid", _("This house trains nothing itself."), {"here": "off"})
    if len(wish.releases) > 1:
        raise Refused("invalid", _("What is trained here learns from one release."), {"releases": list(wish.releases)})


def _base(wish: Wish) -> dict[str, str]:
    """The base model; where it came of a run here, by its checkpoint too, so that no other is taken for it."""
    came = TrainedModel.objects.filter(model__name=wish.base_model).exclude(checkpoint="").first()
    named = {"name": wish.base_model, "licence": wish.base_licence}
    return named | ({"checkpoint": came.checkpoint} if came else {})


def _releases(wish: Wish) -> list[Release]:
    """Locked, so that none is recalled while it is handed over."""
    rows = Release.objects.select_for_update().filter(version__in=wish.releases).order_by("pk")
    found = {release.version: release for release in rows}
    if missing := sorted(set(wish.releases) - set(found)):
        raise Refused("invalid", _("There is no such release."), {"releases": missing})
    if not found:
        raise Refused("invalid", _("A run has one release or several."), {"releases": []})
    for release in found.values():
        refuse_unfit(release, wish.recipe)
    return list(found.values())


def _campaign(slug: str | None) -> Campaign | None:
    if slug is None:
        return None
    campaign = Campaign.objects.filter(slug=slug, kind=KIND).exclude(state=Campaign.State.CLOSED).first()
    if campaign is None:
        raise Refused("invalid", _("There is no such campaign of votes that takes items."), {"campaign": slug})
    return campaign


# How it goes --------------------------------------------------------------------------------------------------------


@transaction.atomic
def move(*, owner: Person, run: uuid.UUID, state: str, problem: str = "", place: str | None = None) -> TrainingRun:
    """The run says in which state it is now. Said again, it is a sign of life and no more.

    Raises:
        Refused: `not_found`, `forbidden` (somebody else's), `invalid` (a state no run can give itself, or a failure
            without a reason), `not_open` (it does not follow on the one before).
    """
    row = own_run(owner, run)
    if state in (State.QUEUED, State.LOST) or state not in State.values:
        raise Refused("invalid", _("No run says so of itself."), {"state": state})
    if state == State.FAILED and not problem.strip():
        raise Refused("invalid", _("A run that failed says why."), {"problem": "missing"})
    if state != row.state:
        _follow(row, state)
    elif not row.is_over:
        heard(row)
    row.problem = problem if state == State.FAILED else ""
    row.place = row.place if place is None else place
    row.save(update_fields=["state", "problem", "place", "started_at", "heard_at", "ended_at"])
    return row


def _follow(run: TrainingRun, state: str) -> None:
    if state not in MOVES.get(run.state, ()):
        raise Refused("not_open", _("A run that is %(state)s does not become %(next)s.") % {
            "state": run.get_state_display(), "next": State(state).label,
        })  # fmt: skip
    now = timezone.now()
    run.state, run.heard_at = State(state), now
    run.ended_at = now if run.is_over else None
    if state == State.RUNNING:
        run.started_at = run.started_at or now


@transaction.atomic
def hear(*, owner: Person, run: uuid.UUID) -> TrainingRun:
    """A heartbeat. One that was lost runs again; one that is over stays so, and the answer says it: whoever trains then
    stops."""
    row = own_run(owner, run)
    if not row.is_over:
        heard(row)
    return row


def heard(run: TrainingRun) -> None:
    """Some word came of a run that is not over."""
    run.heard_at = timezone.now()
    run.state = State.RUNNING if run.state == State.LOST else run.state
    run.save(update_fields=["heard_at", "state"])


def lose_silent(*, now: dt.datetime | None = None) -> int:
    """Running runs of which nothing was heard for too long are lost, until they are heard of again. One that is queued
    never is: it waits for a machine. Returns how many."""
    silent = TrainingRun.objects.filter(state=State.RUNNING, heard_at__lt=(now or timezone.now()) - SILENCE)
    return silent.update(state=State.LOST)


def own_run(owner: Person, run: uuid.UUID) -> TrainingRun:
    """The run, locked, if it is this person's."""
    row = TrainingRun.objects.select_for_update(of=("self",)).filter(pk=run).first()
    if row is None:
        raise Refused("not_found")
    if row.owner_id != owner.pk:
        raise Refused("forbidden", _("This run is somebody else's."))
    return row


# What came of it ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """A model that answered: one the run made, or, under the name of its base model, that one.

    Attributes:
        name: under which it is known from now on.
        licence: of what it answers; "unknown" is one.
        checkpoint: `checkpoint_id` of its lineage file, where there is one.
        permitted_use: what its answers may be used for.
    """

    name: str
    licence: str
    checkpoint: str = ""
    permitted_use: tuple[str, ...] = (Use.EVALUATE.value, Use.TRAIN.value)


class Ingested(NamedTuple):
    """What became of answers: new ones, how many of these are held back, those that were there already, those to
    prompts that may no longer be used, which are not kept; how many items were made of pairs; and how many of the new
    ones say which model they are, so that they meet nobody."""

    added: int
    held_back: int
    known: int
    withdrawn: int
    paired: int
    named: int = 0


@transaction.atomic
def ingest_outputs(*, owner: Person, run: uuid.UUID, model: Model, answers: Sequence[Any]) -> Ingested:
    """Take in what a model of a run answered to the run's prompts: all of it, or nothing. Whoever sent it does not
    judge it: they know whose words these are.

    Args:
        answers: as `corpus.lines.check_answer` takes them, at most `MOST_ANSWERS`.

    Raises:
        Refused: as `move`; `invalid` where an answer is not as described or to no prompt of this run, and `errors` say
            which; `model_exists`; `key_reused`, where there is another text of this prompt and sample.
    """
    row = own_run(owner, run)
    lock_imports()  # a name is looked for and then taken; two may begin with the same base model
    if row.state in (State.QUEUED, State.CANCELLED, State.FAILED):
        raise Refused("not_open", _("A run that has not begun, failed or was cancelled has no model that answers."))
    if not 0 < len(answers) <= MOST_ANSWERS:
        raise Refused("too_large" if answers else "invalid", _("From 1 to %d answers at a time.") % MOST_ANSWERS)
    checked = _checked(answers)
    _refuse_strangers(row, checked)
    usable = still_may_leave(answer.prompt for answer in checked)
    kept = [answer for answer in checked if answer.prompt in usable]
    added = add_outputs(
        model=_registered(row, model), answers=kept, licence=model.licence, permitted_use=model.permitted_use
    )
    avert(person=owner, outputs=[output.pk for output in added.new])
    if not row.is_over:
        heard(row)
    held, names = sum(1 for output in added.new if output.quarantine), house_names()
    named = sum(says_who_it_is(output.text, names) for output in added.new)
    return Ingested(len(added.new), held, added.known, len(checked) - len(kept), pair(run=row), named)


def _checked(answers: Sequence[Any]) -> list[AnswerLine]:
    found, wrong = [], []
    for place, value in enumerate(answers):
        try:
            found.append(check_answer(value))
        except BadLine as bad:
            wrong.append({"answer": place, "field": bad.name[:80], "code": bad.code, "reason": bad.reason})
    if wrong:
        raise Refused("invalid", errors=wrong[:100])
    return found


def _refuse_strangers(run: TrainingRun, answers: Collection[AnswerLine]) -> None:
    own = set(run.prompts.values_list("prompt", flat=True))
    wrong = [
        {"answer": place, "field": "prompt", "code": "not_handed_over", "reason": "this run was not handed this prompt"}
        for place, answer in enumerate(answers) if answer.prompt not in own
    ]  # fmt: skip
    if wrong:
        raise Refused("invalid", errors=wrong[:100])


def _registered(run: TrainingRun, model: Model) -> ModelVersion:
    """The model version of this name: new with this run, or there already and told as before. The base model of a run
    is known from elsewhere, or came of another run of its owner's."""
    is_base = model.name == run.base_model
    known = ModelVersion.objects.select_related("trained__run").filter(name=model.name).first()
    if known is None:
        if is_base and model.licence != run.base_licence:
            raise Refused("model_exists", _("The run was handed its base model under another licence."))
        known = ModelVersion.objects.create(name=model.name, licence=model.licence)
        if not is_base:
            TrainedModel.objects.create(
                model=known, run=run, checkpoint=model.checkpoint, permitted_use=sorted(model.permitted_use)
            )
        return known
    trained = getattr(known, "trained", None)
    if not (_is_told_as_before(known, trained, model) if trained else is_base and _is_of_its_licence(known, model)):
        raise Refused("model_exists")
    if trained and trained.run_id != run.pk and not (is_base and trained.run.owner_id == run.owner_id):
        raise Refused("model_exists")
    return known


def _is_told_as_before(known: ModelVersion, trained: TrainedModel, model: Model) -> bool:
    """What its licence forbids it forbids at every door."""
    same = (known.licence, trained.permitted_use) == (model.licence, sorted(model.permitted_use))
    return same and model.checkpoint in ("", trained.checkpoint)


def _is_of_its_licence(known: ModelVersion, model: Model) -> bool:
    return known.licence in ("", "unknown", model.licence)


def forget_places(person: Person) -> None:
    """The right to have one's contributions erased: in a run's words somebody may stand."""
    runs = TrainingRun.objects.filter(owner=person)
    runs.update(place="")
    runs.exclude(problem="").update(problem="…")
