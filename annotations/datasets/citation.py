"""`CITATION.cff`: how a release is cited, in the Citation File Format 1.2, from the manifest's numbers. No Django."""

import json
from collections.abc import Mapping
from typing import Any, Final

NAME: Final = "CITATION.cff"
AUTHORS: Final = "The people who contribute to Minka"


def title(facts: Mapping[str, Any]) -> str:
    return f"Minka {facts['version']}"


def abstract(facts: Mapping[str, Any]) -> str:
    judgements, items = facts["books"]["judgements"], sum(facts["books"]["items"].values())
    return (
        "What people of Latin America judged about the answers of language models, in their own varieties:"
        f" {judgements:,} judgements of {items:,} items, acknowledged up to {facts['cutoff']}. Pseudonymous, not"
        " anonymous."
    )


def licences_of(facts: Mapping[str, Any]) -> list[str]:
    """Of what people gave, here or elsewhere."""
    licences = facts["licences"]
    return sorted({*licences["contribution"], *licences.get("external", ())})


def semantic(version: str) -> str:
    """A release's name as a semantic version: day, time, how many times it was cleaned."""
    moment, _plus, cleaned = version.partition("+w")
    return f"{int(moment[:8])}.{int(moment[9:15])}.{int(cleaned or 0)}"


def citation(facts: Mapping[str, Any], cited: Mapping[str, Any] | None = None) -> str:
    """A text in quotes of JSON is one in YAML.

    Args:
        facts: as `card` takes them.
        cited: of an edition, its `title` and `doi`, empty where it has none yet. The file in a release never has them:
            it was there before its release had a name.
    """
    licences = licences_of(facts)
    told = {
        "cff-version": "1.2.0",
        "message": "Whoever uses this data set cites it so, with its version.",
        "type": "dataset",
        "title": cited["title"] if cited else title(facts),
        "abstract": abstract(facts),
        "version": semantic(facts["version"]),
        "date-released": facts["cutoff"][:10],
    }
    if cited and cited["doi"]:
        told["doi"] = cited["doi"]
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in told.items()]
    lines += ["authors:", f"  - name: {json.dumps(AUTHORS)}"]
    lines += ["license:", *(f"  - {name}" for name in licences)] if licences else []
    return "\n".join([*lines, ""])
