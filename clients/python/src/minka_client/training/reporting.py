"""Telling the house how a run goes while it goes. Nothing here stops a training but the house's own word that the run
was cancelled: what cannot be sent is said on stderr, kept, and sent with the next word or at the end."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from minka_client.client import LATER, Minka
from minka_client.errors import Refused, Unreachable
from minka_client.packing import points_of
from minka_client.things import Run
from minka_client.training.stopped import CANCELLED, Stopped

HEARTBEAT: Final = 120.0
"""Seconds between signs of life; the house waits half an hour."""
PAUSE: Final = 60.0
"""Seconds in which a house that did not answer is not asked again."""
SERVER_ERROR: Final = 500


class Reporter:
    """Tells of one run.

    Args:
        minka: with few tries and a short time to wait: the machine that trains stands still meanwhile.
        say: a sentence for the person who looks on.
    """

    def __init__(self, minka: Minka, run: Run, say: Callable[[str], None]) -> None:
        self._minka, self._run, self._say = minka, run, say
        self._points: list[tuple[str, int, float]] = []
        self._heard_at = 0.0
        self._silent_until = 0.0
        self._began = False

    def began(self) -> None:
        """Raises `Stopped` where the house says that this run may not begin: it is over, or somebody else's."""
        self._try(self._begin)

    def measured(self, step: int, values: Mapping[str, Any]) -> None:
        self._points += points_of({"log_history": [{**values, "step": step}]})
        self._try(self._send)

    def lives(self) -> None:
        if time.monotonic() - self._heard_at > HEARTBEAT:
            self._try(self._beat)

    def ended(self, lineage: Mapping[str, Any]) -> None:
        """All that was measured, once more: sent again it changes nothing. The run stays open for its answers."""
        self._points = points_of(lineage)
        if not self._last(self._record if self._run.state == "finished" else self._send):
            self._say("what was measured stands in lineage.json; started again, the recipe sends it once more")

    def failed(self, problem: str) -> None:
        self._last(lambda: self._minka.move(self._run, "failed", problem=problem))

    def _begin(self) -> None:
        if not self._began:
            self._heard(self._minka.move(self._run, "running"))
            self._began = True

    def _send(self) -> None:
        self._begin()
        self._record()

    def _record(self) -> None:
        if self._points:
            self._minka.record(self._run, self._points)
            self._points, self._heard_at = [], time.monotonic()

    def _beat(self) -> None:
        self._begin()
        self._heard(self._minka.heartbeat(self._run))

    def _heard(self, run: Run) -> None:
        self._run, self._heard_at = run, time.monotonic()
        if run.state == "cancelled":
            raise Stopped("the run was cancelled", CANCELLED)

    def _try(self, act: Callable[[], Any]) -> bool:
        """Whether the house took it."""
        if time.monotonic() < self._silent_until:
            return False
        try:
            act()
        except Unreachable as error:
            return self._later(str(error))
        except Refused as refused:
            if refused.status >= SERVER_ERROR or refused.status in LATER:
                return self._later(str(refused))
            if not self._began or refused.code == "not_open":
                raise Stopped(f"the house refuses this run: {refused}", CANCELLED) from None
            self._points = []
            return self._later(str(refused))
        return True

    def _last(self, act: Callable[[], Any]) -> bool:
        """Now or never, and whatever the house says: the training is over."""
        self._silent_until = 0.0
        try:
            return self._try(act)
        except Stopped as no:
            self._say(str(no))
            return False

    def _later(self, why: str) -> bool:
        self._silent_until = time.monotonic() + PAUSE
        self._say(f"the house did not take what it was told: {why}")
        return False


def told_by(reporter: Reporter) -> Any:
    """A callback of the trainer that tells of each step through this reporter."""
    from transformers import TrainerCallback

    class Told(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **_more: Any) -> None:
            reporter.lives()

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_more: Any) -> None:
            reporter.measured(state.global_step, logs or {})

    return Told()
