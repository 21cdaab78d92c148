"""What became of an answer, in words for the person who gave it."""

from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.community.became.queries import Became
from annotations.datasets.rows import REASONS

STANDS: Final[dict[str, Promise]] = {
    "preference": _("as a pair: which answer is better"),
    "sft": _("as an answer worth imitating"),
    "translation": _("as a translation"),
    "bias": _("as an example of what is wrong"),
    "scores": _("as points of an answer"),
    "kto": _("as an answer that is good, or is not"),
    "judgements": _("by itself, without a name"),
}
"""In which form an answer stands in a release, by config."""

OUTCOMES: Final[dict[str, Promise]] = {
    "output": _("Settled: one answer won."),
    "tie": _("Settled: both are level."),
    "both_good": _("Settled: both are good."),
    "both_bad": _("Settled: both are bad."),
    "no_majority": _("Settled: no answer has more than half of the votes."),
}


class Told(NamedTuple):
    """A `Became` with its words: what was settled, where it stands, why it does not, and where else it does not."""

    became: Became
    settled: str
    stands: list[str]
    why: str
    others: list[tuple[str, str]]

    @property
    def judgement(self) -> Any:
        return self.became.judgement


def in_words(became: Became) -> Told:
    others = [(str(STANDS[config]), gettext(REASONS[reason])) for config, reason in became.others]
    return Told(
        became,
        str(OUTCOMES.get(became.outcome, "")),
        [str(STANDS[config]) for config in became.stands],
        gettext(REASONS[became.why]) if became.why else "",
        others,
    )
