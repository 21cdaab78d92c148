"""Writing to whoever answers for the house."""

import datetime as dt

from django.utils import timezone

from annotations.letters import tell_controller
from annotations.moderation.watch.queries import QUIET, full_disks, is_quiet


def tell_if_quiet(*, now: dt.datetime | None = None) -> bool:
    """Write to the controller where people sit down and no answer comes in. Returns whether that is so."""
    if not is_quiet(now or timezone.now()):
        return False
    tell_controller(
        "no answers come in",
        f"People took tasks within the last {QUIET.total_seconds() / 60:.0f} minutes, and no answer has come in since."
        " What they send waits in their browsers. The web server's log and /readyz say what stands in the way.",
    )
    return True


def tell_if_full() -> list[str]:
    """Write to the controller where a disk fills up. Returns a line for each."""
    lines = [f"{path}: {part:.1%} free, {count / 10**9:.1f} GB" for path, part, count in full_disks()]
    if lines:
        tell_controller("the disk fills up", "Answers are refused when it is full.\n\n" + "\n".join(lines))
    return lines
