"""What the configs share: what a config is, the facts of an item in SQL, and the rules that hold for all of them."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Row = dict[str, Any]
Found = Mapping[str, tuple[tuple[str, ...], Callable[..., Any]]]
Why = Callable[[Row, list[str]], str]
Made = Callable[[Row, list[str], "Terms"], Row]


@dataclass(frozen=True)
class Terms:
    """What a release is made under.

    Attributes:
        version: the release's name.
        cutoff: the last moment (database clock) of a judgement in it.
        key: the secret of this release, from which ids and pseudonyms are made.
        small_cell: fewest people of a variety whose rows carry a pseudonym; 0 switches the rule off.
    """

    version: str
    cutoff: dt.datetime
    key: bytes
    small_cell: int

    @property
    def facts(self) -> dict[str, Any]:
        return {"cutoff": self.cutoff, "key": self.key, "small_cell": self.small_cell}


@dataclass(frozen=True)
class Ref:
    """Stands for what each row has in a column, where a rule is asked about all rows alike at once (`columns.py`). A
    rule may put it into a record, and turns after it; whoever wants to know what it is has not named the column among
    those that decide."""

    column: str

    def __add__(self, turns: list[Row]) -> "Turns":
        return Turns(self, turns)

    def _refuse(self, *_others: object) -> Any:
        raise TypeError(f"a rule looks at {self.column}, which is not among the columns that decide")

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse


@dataclass(frozen=True)
class Turns:
    """The conversation of a column, and turns after it."""

    before: Ref
    turns: list[Row]


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked of the database.

    Attributes:
        sql: ordered, so that the same cutoff gives the same bytes; it may name the facts of `Terms`. What is JSON comes
            as text, what is null or empty as null.
        words: columns in which people's own words stand. They are screened, and a row in which some of them show who
            somebody is comes with `personal` true.
        found: further columns that are not the database's: of each the columns it reads, and what makes it of them.
        refers: columns whose text stands still in another table, each with that table and the column that holds its
            key. A membership keeps the key alone (`datasets/membership.py`).
    """

    sql: str
    words: tuple[str, ...] = ()
    found: Found = field(default_factory=dict)
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def of_some(self) -> str:
        """The same query about the cells in `cells` alone."""
        return _ONLY.sub(r"AND \1 = ANY(%(cells)s)", self.sql)


Left = Literal["item", "first", "judgement", "external", "nothing"]


@dataclass(frozen=True)
class Part:
    """What becomes of the rows of a query in a config.

    Attributes:
        query: whose rows; it may be another part's too, and is asked once.
        why: why a row is left out, a code of `rows.REASONS`; or empty.
        made: the record of a row that is not.
        decides: the columns that the two look at, beside `DECIDES`. All rows that are alike in them are decided once;
            any other column they only pass on.
        left: what stands in `excluded`. `item`: rows come cell by cell; the first that nothing keeps is the item's and
            others are `derived`; where there is none the item is left out, for the reason of the last that counts.
            `first`: the item, for the reason of its row that is not `derived`. `judgement`, `external`: each row by
            itself. `nothing`: what is left out here stands in another part's book.
    """

    query: Query
    why: Why
    made: Made
    decides: tuple[str, ...] = ()
    left: Left = "item"


_ONLY: Final = re.compile(r"/\* only of (\S+) \*/")
"""Stands in a query where it reads judgements, so that it can be asked about some of them (`Query.of_some`)."""

PROMPT: Final = {"messages": ("prompt", "prompt_id")}
OUTPUT: Final = {"text": ("output", "output_id")}
"""`Query.refers` of a query that reads the item's prompt, and of one that reads an output."""


def _nothing_wrong(row: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


@dataclass(frozen=True)
class Config:
    """One config of a release.

    Attributes:
        name: its folder, and its name in the card.
        about: what its rows are, in a line.
        told: how a row comes about, for the card, in a paragraph.
        columns: names and types (`rows.TYPES`); a mapping inside is a struct.
        splits: in this order; only what never trains has `evaluate`.
        kinds: of judgement, whose judged items stand in it or in `excluded`, once each.
        parts: where its rows come from, one after the other.
        reasons: why an item is not in it, those that are its own; in English, to be translated.
        wrong: what a trainer would swallow in a row, or die of; one sentence each.
        apart: its rows rest on no judgement of this house, and have a book of their own.
    """

    name: str
    about: str
    columns: Mapping[str, Any]
    splits: tuple[str, ...] = ("train", "validation", "test")
    told: str = ""
    kinds: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    wrong: Callable[[Mapping[str, Any]], Iterator[str]] = _nothing_wrong
    apart: bool = False

    @property
    def trains(self) -> bool:
        """Whether every row of it must permit training."""
        return bool(self.kinds) and "evaluate" not in self.splits


META: Final[Mapping[str, str]] = {
    "record_id": "text",
    "derived": "bool",
    "release": "text",
    "source_id": "text",
    "campaign": "text",
    "variety": "text",
    "judged_as": "text",
    "country": "text?",
    "orthography": "text?",
    "domain": "text?",
    "source": "text",
    "source_licence": "text",
    "contribution_licence": "text",
    "permitted_use": "texts",
    "consent_versions": "texts",
    "n": "int",
    "agreement": "float",
    "method": "text",
    "split": "text",
}
"""What `meta` holds in every config that has it; a config adds its own."""

# In SQL -------------------------------------------------------------------------------------------------------------

# An id of a release: SHA-256 over its key, the kind of thing and the database's id, 128 bits of it. All inputs are of
# fixed length behind a secret, so nobody without the key can tell which row it was, in this release or another.
_KEYED = "left(encode(sha256(%(key)s || '{kind}'::bytea || {columns}), 'hex'), 32)"


METHOD_OF_VERDICT: Final = "v.method || CASE WHEN v.closed_short THEN ', closed_short' ELSE '' END"
"""How a verdict `v` came about, in the words of `docs/release.md`."""


def keyed(kind: str, *columns: str) -> str:
    return _KEYED.format(kind=kind, columns=" || ".join(f"int8send({column})" for column in columns))


_OUTPUTS = """
    JOIN LATERAL (
        SELECT coalesce(array_agg(io.output_id ORDER BY io.position), '{}') AS outputs,
               coalesce(array_agg(m.name ORDER BY io.position), '{}') AS models,
               coalesce(array_agg(o.licence ORDER BY io.position), '{}') AS licences,
               coalesce(bool_or(o.licence = ''), false) AS output_licence_missing,
               coalesce(bool_or(o.quarantine <> ''), false) AS quarantined,
               coalesce(bool_and('train' = ANY(o.permitted_use)), true) AS outputs_train,
               coalesce(bool_and('evaluate' = ANY(o.permitted_use)), true) AS outputs_evaluate
          FROM annotations_itemoutput io
          JOIN annotations_output o ON o.id = io.output_id
          JOIN annotations_modelversion m ON m.id = o.model_id
         WHERE io.item_id = i.id
    ) outs ON true"""

# For which what runs out is asked about: the one all workers at a release share (`snapshot.columns`), or now. The view
# `annotations_governed` asks the same.
MOMENT: Final = "coalesce(nullif(current_setting('minka.moment', true), '')::timestamptz, now())"

# What stewards say of a row, of all varieties it touches: `governed` where one of them is and no decision in force
# opens it, and what their charters permit. What opens counts from the cutoff on, what closes (expiry, revoking, hiding)
# counts at once, so that it leaves the next release whatever its cutoff.
_STEWARDS = """
    LEFT JOIN LATERAL (
        SELECT coalesce(bool_or(NOT EXISTS (
                   SELECT 1 FROM annotations_opened op
                    WHERE op.variety_id = gv.variety_id AND op.in_force_at <= %(cutoff)s
                      AND op.expires_at > greatest(%(cutoff)s, {moment})
                      AND op.campaign IN ('', {campaign}) AND op.item_kind IN ('', {kind})
                      AND (op.since IS NULL OR {entered} >= op.since)
                      AND (op.until IS NULL OR {entered} < op.until)
               )), false) AS governed,
               coalesce(bool_and('train' = ANY(gv.permitted_use)), true) AS stewards_train,
               coalesce(bool_and('evaluate' = ANY(gv.permitted_use)), true) AS stewards_evaluate
          FROM annotations_governed gv
         WHERE gv.variety_id = ANY({varieties})
           AND (gv.free_from IS NULL OR gv.free_from > %(cutoff)s)
    ) stewards ON true
    LEFT JOIN LATERAL (
        SELECT min(hp.kind) AS hidden FROM annotations_hiddenprompt hp
         WHERE hp.prompt_id = ANY({prompts}) AND (hp.lifted_at IS NULL OR hp.lifted_at > %(cutoff)s)
    ) hidden ON true"""


def stewards_of(*, varieties: str, prompts: str, campaign: str, kind: str, entered: str) -> str:
    """What stewards say of a row, `stewards` and `hidden`: arrays of the varieties and prompts it touches, and by which
    campaign, kind and moment of entry a decision would open it; all in SQL."""
    return _STEWARDS.format(
        moment=MOMENT, varieties=varieties, prompts=prompts, campaign=campaign, kind=kind, entered=entered
    )


def item_of(cell: str, *varieties: str, prompts: Sequence[str] = ()) -> str:
    """The cell `c`, its item `i` and all that is known of it. `varieties` and `prompts` are arrays of further ones it
    touches."""
    more, others = ("".join(f" || {each}" for each in arrays) for arrays in (varieties, prompts))
    stewards = stewards_of(
        varieties=f"ARRAY[i.variety_id, p.variety_id, c.variety_id]{more}", prompts=f"ARRAY[i.prompt_id]{others}",
        campaign="ca.slug", kind="i.kind", entered="i.created_at",
    )  # fmt: skip
    return f"""
    JOIN annotations_cell c ON c.id = {cell}
    JOIN annotations_item i ON i.id = c.item_id
    JOIN annotations_campaign ca ON ca.id = i.campaign_id
    JOIN annotations_prompt p ON p.id = i.prompt_id
    JOIN annotations_promptgroup g ON g.id = p.group_id
    JOIN annotations_source s ON s.id = p.source_id
    {stewards} {_OUTPUTS}"""


# Every row says on which judgements it rests: `rests`, those that made it, and `brought`, by which its prompt came. So
# one knows which records must go when somebody's work is erased.

# What the house itself named by the database's id, reviews and the votes on what somebody proposed, is named anew here.
ITEM_COLUMNS = f"""
    {keyed("item", "i.id")} AS item_id,
    CASE WHEN i.kind = 'review' OR s.name IN ('community', 'taken back')
         THEN split_part(i.source_id, ':', 1) || ':' || {keyed("item", "i.id")} ELSE i.source_id END AS source_id,
    i.prompt_id, ARRAY(SELECT pp.judgement_id FROM annotations_promptproposal pp
                        WHERE pp.prompt_id = i.prompt_id AND pp.is_new) AS brought,
    c.id AS cell_id, c.held_back, ca.slug AS campaign, ca.contribution_licence, i.variety_id AS variety,
    NULLIF(p.country, '') AS country, NULLIF(p.domain, '') AS domain, p.bridges, g.role, g.split, s.name AS source,
    s.licence AS source_licence, array_to_string(s.permitted_use, ' ') AS source_use, stewards.*, hidden.hidden,
    outs.output_licence_missing, outs.quarantined, outs.outputs_train, outs.outputs_evaluate"""

DECIDES: Final = (
    "withdrawn", "hidden", "governed", "held_back", "bridges", "quarantined", "role", "split", "source_licence",
    "source_use", "output_licence_missing", "outputs_train", "outputs_evaluate", "may_train", "stewards_train",
    "stewards_evaluate",
)  # fmt: skip
"""Of `ITEM_COLUMNS` and of who judged, those that the rules of every config look at."""


def judged(*kinds: str) -> str:
    """A table of the cells of these kinds that somebody judged before the cutoff."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""
    SELECT cell_id, bool_or(counted AND withdrawn) AS withdrawn,
           coalesce(bool_and(may_train) FILTER (WHERE counted), true) AS may_train,
           array_agg(DISTINCT consent_version) FILTER (WHERE counted) AS consent_versions,
           coalesce(array_agg(id ORDER BY id) FILTER (WHERE counted), '{{}}') AS rests
      FROM annotations_exportable
     WHERE received_at <= %(cutoff)s AND kind IN ({named}) /* only of cell_id */ GROUP BY cell_id"""


# Why a row is left out ----------------------------------------------------------------------------------------------


UNCOUNTED: Final = ("unproven", "practice", "gold", "enough", "concentration", "purged")
"""Why a judgement does not count, where that is also why it is in no release."""


def permitted_use(row: Mapping[str, Any]) -> list[str]:
    """What the row may be used for: what its source, each output, each contributor and stewards all permit, sorted."""
    uses = set(row["source_use"].split())
    if not (row["outputs_train"] and row["may_train"] and row["stewards_train"]):
        uses.discard("train")
    if not (row["outputs_evaluate"] and row["stewards_evaluate"]):
        uses.discard("evaluate")
    return sorted(uses)


def why_not(row: Mapping[str, Any], uses: list[str]) -> str:
    """The reasons that hold for every config, or empty. Codes are `rows.REASONS`."""
    if row["withdrawn"]:
        return "withdrawn"
    if reason := why_stewards_keep(row):
        return reason
    if row["source_licence"] == "" or row["output_licence_missing"]:
        return "missing_licence"
    return "" if uses else "not_permitted"


def why_stewards_keep(row: Mapping[str, Any]) -> str:
    """Why those who govern the row's variety keep it, or empty: hidden, or not opened by a decision in force."""
    return str(row["hidden"] or ("governed" if row["governed"] else ""))


def why_not_item(row: Mapping[str, Any], uses: list[str]) -> str:
    """The reasons for which an item's texts are not published, or empty."""
    if row["held_back"] in ("practice", "gold", "broken", "personal_data", "concentration", "purged"):
        return str(row["held_back"])
    if row["bridges"]:
        return "split_bridge"
    return "quarantined" if row["quarantined"] else why_not(row, uses)


def why_not_trained(row: Mapping[str, Any], uses: list[str]) -> str:
    """The reasons for which nobody may train on an item, or empty."""
    if row["role"] == "evaluate":
        return "evaluate"
    return why_not_item(row, uses) or ("" if "train" in uses else "not_permitted")


# Rows ---------------------------------------------------------------------------------------------------------------


def excluded(unit: str, key: Any, row: Mapping[str, Any], config: str, reason: str) -> Row:
    told = None if reason == "gold" else row["source_id"]  # or whoever reads a release would know them at the table
    return {"unit": unit, "id": key, "source_id": told, "config": config, "reason": reason}


def meta_of(row: Row, uses: list[str], terms: Terms, *more: str) -> Row:
    """`META` of a row, and `more` of its columns."""
    same = (
        "record_id", "source_id", "campaign", "variety", "judged_as", "source", "source_licence",
        "contribution_licence", "consent_versions", "n", "agreement", "method", "split",
    )  # fmt: skip
    perhaps = {name: row.get(name) for name in ("country", "orthography", "domain")}
    said = {name: row[name] for name in (*same, *more)}
    return said | perhaps | {"derived": row["derived"], "release": terms.version, "permitted_use": uses}


def says(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


# What a trainer would swallow ---------------------------------------------------------------------------------------


def wrong_prompt(row: Mapping[str, Any]) -> Iterator[str]:
    if not row["prompt"] or row["prompt"][-1]["role"] != "user":
        yield "the prompt does not end with the user's turn"


def wrong_answer(row: Mapping[str, Any], side: str) -> Iterator[str]:
    turns = row[side]
    if len(turns) != 1 or turns[0]["role"] != "assistant" or not (turns[0]["content"] or "").strip():
        yield f"{side} is not one answer of the assistant"
