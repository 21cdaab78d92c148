"""The dataset card: every number in it comes from the manifest, none is typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.datasets.citation import licences_of
from annotations.datasets.rows import CONFIGS, REASONS, SPLITS

_LANGUAGES = {"es": "es", "pt": "pt", "en": "en"}


def card(facts: Mapping[str, Any]) -> str:
    """README.md of a release, as the Hub reads it.

    Args:
        facts: the manifest before its files are described: version, cutoff, configs, books, reasons, varieties,
            licences, settings.
    """
    parts = (_front_matter, _intro, _tables, _told, _terms)
    return "\n".join([*(line for part in parts for line in part(facts)), ""])


def _front_matter(facts: Mapping[str, Any]) -> list[str]:
    tags = {*facts["varieties"]["judgements"], *facts["varieties"].get("external", ())}
    languages = sorted({_LANGUAGES.get(tag.split("-")[0], tag.split("-")[0]) for tag in tags})
    licences = licences_of(facts)
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
        lines += [f"| `{config}` | {split} | {rows:,} | {CONFIGS[config].about} |" for split, rows in splits.items()]
    books = facts["books"]
    elsewhere = books.get("external", 0)
    lines += [
        "",
        f"Judgements acknowledged: {books['judgements']:,}. Items judged: {sum(books['items'].values()):,}.",
        *([f"Apart from them, votes that were given elsewhere: {elsewhere:,}."] if elsewhere else []),
        "",
    ]
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
    """Rows by variety in every config that has some; the bars are judgements."""
    counts = varieties["judgements"]
    most = max(counts.values(), default=1)
    others = [name for name in varieties if name != "judgements" and varieties[name]]
    rows: Sequence[str] = [
        f"| `{tag}` | {judged:,} | {''.join(f'{varieties[name].get(tag, 0):,} | ' for name in others)}"
        f"{'█' * max(1, round(20 * judged / most))} |"
        for tag, judged in counts.items()
    ]
    head = ["variety", "judgements", *others, ""]
    return [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 2) + " --- |", *rows]


def _told(facts: Mapping[str, Any]) -> list[str]:
    """How the rows of each config that has some come about."""
    present = [CONFIGS[name] for name, splits in facts["configs"].items() if any(splits.values())]
    lines = [line for config in present if config.told
             for line in (f"### `{config.name}`", "", config.told, *_documents(config.name, facts), "")]  # fmt: skip
    longest = ", ".join(f"`{name}` {most:,}" for name, most in facts["longest"].items())
    told = [f"The longest row in characters: {longest}. A trainer drops or cuts what is longer than it reads.", ""]
    return ["## How a row comes about", "", *lines, *(told if longest else [])] if lines else []


def _documents(config: str, facts: Mapping[str, Any]) -> list[str]:
    """Of votes given elsewhere: under which documents, and which licences."""
    if not CONFIGS[config].apart:
        return []
    licences = facts["licences"]
    documents = [f"- {_cell(consent)}" for consent in licences["consent"]]
    return [
        "",
        "Documents of those that are in it:",
        "",
        *documents,
        "",
        f"Licences: {', '.join(licences['external'])}.",
    ]


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


def _llama(licences: Mapping[str, Sequence[str]]) -> list[str]:
    """What its licence asks of whoever hands on its outputs, and of whoever trains with them (Llama 3.1, 1.b.i)."""
    if not any("llama" in name.lower() for name in (*licences["output"], *licences["model"])):
        return []
    return [
        "- **Built with Llama.** Outputs of Llama models are in it: a model that is trained with them and handed on"
        " bears `Llama` at the beginning of its name, as their licence asks."
    ]


def _alike(licences: Mapping[str, Sequence[str]]) -> list[str]:
    """Share-alike asks it of what is made of a text, so that one such row binds the whole (CC BY-SA 4.0, 3.b)."""
    named = {name for kind in ("source", "output", "contribution", "external") for name in licences.get(kind, ())}
    alike = sorted(name for name in named if {"SA", "ODBL"} & set(name.upper().split("-")))
    if not alike:
        return []
    return [
        f"- **Share-alike.** Some rows come under {', '.join(alike)}: whoever hands on the whole, or what they made of"
        " it, does so under the same. A subset by licence without those rows is not bound by it."
    ]


def _terms(facts: Mapping[str, Any]) -> list[str]:
    licences = facts["licences"]
    small = facts["settings"]["small_cell"]
    none = "none in this release"
    return [
        "## Terms",
        "",
        f"- Contributions of people here: {', '.join(licences['contribution']) or none}.",
        f"- Texts come under the licence of their source: {', '.join(licences['source']) or none}."
        " Every row names its own.",
        f"- Outputs of models: {', '.join(licences['output']) or none}. What may be used commercially is told by all"
        " three, row by row; `unknown` is no permission.",
        *_llama(licences),
        *_alike(licences),
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
