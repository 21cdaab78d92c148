"""The dataset card: every number in it comes from the manifest, none is typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.datasets.rows import REASONS, SPLITS

_LANGUAGES = {"es": "es", "pt": "pt", "en": "en"}
_ABOUT = {
    "preference": "settled preferences, in the columns trainers read; everything else stands in `meta`",
    "judgements": "every judgement by itself: ties, both good, both bad and those that came late",
    "excluded": "what is not in a config, and why; no content",
}


def card(facts: Mapping[str, Any]) -> str:
    """README.md of a release, as the Hub reads it.

    Args:
        facts: the manifest before its files are described: version, cutoff, configs, books, reasons, varieties,
            licences, settings.
    """
    return "\n".join([*_front_matter(facts), *_intro(facts), *_tables(facts), *_terms(facts), ""])


def _front_matter(facts: Mapping[str, Any]) -> list[str]:
    languages = sorted(
        {_LANGUAGES.get(tag.split("-")[0], tag.split("-")[0]) for tag in facts["varieties"]["judgements"]}
    )
    licences = facts["licences"]["contribution"]
    lines = ["---", f"pretty_name: Minka {facts['version']}"]
    lines += [f"license: {licences[0].lower()}"] if len(licences) == 1 else ["license: other"]
    lines += ["language:", *(f"- {language}" for language in languages)] if languages else []
    lines += ["tags:", "- preference", "- human-feedback", "- latin-america", "configs:"]
    for config, splits in facts["configs"].items():
        present = [split for split in SPLITS[config] if splits[split]]
        if present:
            lines += [
                f"- config_name: {config}",
                *(["  default: true"] if config == "preference" else []),
                "  data_files:",
            ]
        for split in present:
            lines += [f"  - split: {split}", f"    path: data/{config}/{split}-*.parquet"]
    return [*lines, "---", ""]


def _intro(facts: Mapping[str, Any]) -> list[str]:
    return [
        f"# Minka {facts['version']}",
        "",
        "What people of Latin America judged about the answers of language models, in their own varieties. Everything"
        f" acknowledged up to {facts['cutoff']} stands here once: as a row, or in `excluded` with its reason.",
        "",
        "The data are **pseudonymous, not anonymous**: a person has one code in this release and another in the next."
        " Nobody should try to find out who somebody is.",
        "",
    ]


def _tables(facts: Mapping[str, Any]) -> list[str]:
    lines = ["## What is in it", "", "| config | split | rows | what |", "| --- | --- | ---: | --- |"]
    for config, splits in facts["configs"].items():
        lines += [f"| `{config}` | {split} | {rows:,} | {_ABOUT[config]} |" for split, rows in splits.items()]
    books = facts["books"]
    lines += ["", f"Judgements acknowledged: {books['judgements']:,}. Items judged: {books['items']:,}.", ""]
    lines += ["## By variety", "", *_bars(facts["varieties"]), ""]
    if facts["reasons"]:
        lines += [
            "## What is left out, and why",
            "",
            "| config | reason | rows | meaning |",
            "| --- | --- | ---: | --- |",
        ]
        for name, rows in facts["reasons"].items():
            config, reason = name.split("/")
            lines.append(f"| `{config}` | `{reason}` | {rows:,} | {REASONS[reason]} |")
        lines.append("")
    return lines


def _bars(varieties: Mapping[str, Mapping[str, int]]) -> list[str]:
    counts = varieties["judgements"]
    most = max(counts.values(), default=1)
    preferred = varieties["preference"]
    rows: Sequence[str] = [
        f"| `{tag}` | {judged:,} | {preferred.get(tag, 0):,} | {'█' * max(1, round(20 * judged / most))} |"
        for tag, judged in counts.items()
    ]
    return ["| variety | judgements | preferences | |", "| --- | ---: | ---: | --- |", *rows]


def _labels(labels: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """The labels that communities chose for what is theirs; whoever uses the data keeps them with it."""
    rows = [
        f"| `{tag}` | {_cell(label['system'])} | {_cell(label['name'])} | {_cell(label['community'])} |"
        f" {_cell(label.get('url', ''))} |"
        for tag, several in labels.items()
        for label in several
    ]
    head = ["## Labels of communities", "", "| variety | kind | label | community | address |",
            "| --- | --- | --- | --- | --- |"]  # fmt: skip
    return [*head, *rows, ""] if rows else []


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _terms(facts: Mapping[str, Any]) -> list[str]:
    licences = facts["licences"]
    small = facts["settings"]["small_cell"]
    none = "none in this release"
    return [
        "## Terms",
        "",
        f"- Contributions of people: {', '.join(licences['contribution']) or none}.",
        f"- Texts come under the licence of their source: {', '.join(licences['source']) or none}."
        " Every row names its own.",
        "- `permitted_use` of a row is what its source, its outputs and its contributors all permit.",
        f"- Method: {', '.join(licences['method']) or none}; a tie, both good, both bad and no majority are no"
        " preference and stand in `judgements`.",
        f"- Rows of varieties with fewer than {small} people carry no pseudonym."
        if small
        else "- The rule for small varieties is off in this release.",
        "",
        *_labels(facts["labels"]),
        "## Check it",
        "",
        "`sha256sum -c SHA256SUMS`, and `manage.py verify_release DIR` or `python -m annotations.datasets.verify DIR`.",
    ]
