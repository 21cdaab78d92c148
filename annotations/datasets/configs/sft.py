"""`sft`: conversations that end with an answer worth imitating. TRL's SFT trainer reads them.

Three kinds of answers: what people wrote or corrected and others accepted, what they translated (`docs/adr/0017`), and
the answer that won a vote clearly.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets.configs.base import META, Config, Part, Row, Terms, meta_of, says
from annotations.datasets.configs.preference import VERDICTS, WINS, why_no_winner
from annotations.datasets.configs.texts import REASONS, STOOD, evidence, why_no_text, written

AGREEMENT: Final = 0.8
"""Least share of the winning answer: of three votes all, of five four. A pair says only which is better; here the
answer itself is imitated, so one doubt in three is one too many."""
MARGIN: Final = 1.0
"""Least margin: nobody preferred the other, or those who did are outweighed by others who say "much better"."""

TASK: Final = {
    "es": "Traducir de {source} ({source_tag}) a {variety} ({tag}).",
    "pt": "Traduzir de {source} ({source_tag}) para {variety} ({tag}).",
    "en": "Translate from {source} ({source_tag}) into {variety} ({tag}).",
}
"""The system's turn before a translation, in the language of the text that is translated; in Spanish for all others."""

TRANSLATED: Final = ("made_from", "source_variety", "source_name", "variety_name", "variety")
"""The columns of which the system's turn is made."""

COLUMNS: Final[Mapping[str, Any]] = {
    "messages": "messages",
    "meta": {**META, "made_from": "text", "model": "text?", "output_licence": "text?", "distance": "int?"},
}


def _why(row: Row, uses: list[str]) -> str:
    if reason := why_no_winner(row, uses):
        return reason
    return "" if row["agreement"] >= AGREEMENT and row["margin"] >= MARGIN else "below_floor"


def _won(row: Row, uses: list[str], terms: Terms) -> Row:
    facts = row | {
        "made_from": "vote", "model": row["chosen_model"], "output_licence": row["chosen_licence"], "distance": None,
    }  # fmt: skip
    return _made(facts, uses, terms, row["messages"] + [says("assistant", row["chosen"])])


def _written(row: Row, uses: list[str], terms: Terms) -> Row:
    """What was made of an output says of which model's, and under which licence that came."""
    facts = evidence(row) | {"model": row["first_model"], "output_licence": row["first_licence"]}
    asked = task_of(row) if row["made_from"] == "translation" else row["messages"]
    return _made(facts, uses, terms, asked + [says("assistant", row["text"])])  # noqa: RUF005 -- a column is no list


def task_of(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a translator was asked, as a conversation: what to do, and the text."""
    sentence = TASK.get(row["source_variety"].split("-")[0], TASK["es"]).format(
        source=row["source_name"], source_tag=row["source_variety"], variety=row["variety_name"], tag=row["variety"]
    )
    return [says("system", sentence), says("user", row["asked"])]


def _made(row: Row, uses: list[str], terms: Terms, messages: Any) -> Row:
    return {
        "messages": messages,
        "meta": meta_of(row, uses, terms, "made_from", "model", "output_licence", "distance"),
    }


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    turns = [(turn["role"], (turn["content"] or "").strip()) for turn in row["messages"]]
    if len(turns) < 2 or turns[-1][0] != "assistant" or turns[-2][0] != "user":
        yield "the conversation does not end with an answer to the user"
    if not all(content for _role, content in turns):
        yield "a turn is empty"
    if row["meta"]["made_from"] in ("vote", "correction") and not row["meta"]["output_licence"]:
        yield "it was made of a model's output, and does not say under which licence"


SFT = Config(
    name="sft",
    about="answers worth imitating: written or corrected and accepted, translated, or clear winners of votes",
    told="One row for each answer or correction that two readers accepted, in the words that they accepted; for each"
    " translation that they accepted, with what was asked for as the system's turn; and for each settled winner with an"
    f" agreement of at least {AGREEMENT} and a margin of at least {MARGIN}. `meta.made_from` says which.",
    columns=COLUMNS,
    kinds=("vote", "demonstration", "correction", "translation"),
    parts=(
        Part(VERDICTS, _why, _won, decides=WINS),
        Part(
            written("demonstration", "correction", "translation"),
            why_no_text,
            _written,
            decides=(*STOOD, *TRANSLATED),
        ),
    ),
    reasons={"below_floor": "it won, and not clearly enough to be imitated", **REASONS},
    wrong=_wrong,
)
