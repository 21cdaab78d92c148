"""Croissant, by which search engines and loaders know a data set: JSON-LD, from the numbers of the manifest and the
columns of `rows.py`. No Django here, and no library: it is a dictionary.

The vocabulary is MLCommons Croissant 1.1. What its reader cannot do decides some of it: the format is called
`application/x-parquet`, and a list of structs is a repeated field whose sub-fields are taken out by JSONPath.
`tests/training/test_croissant.py` has the reader read a record of every set.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from annotations.datasets import manifest as mf
from annotations.datasets.citation import AUTHORS, abstract, licences_of, semantic, title
from annotations.datasets.rows import CONFIGS, SCHEMAS

NAME: Final = "croissant.json"
CONFORMS: Final = "http://mlcommons.org/croissant/1.1"
PARQUET: Final = "application/x-parquet"
SPDX: Final = "https://spdx.org/licenses/{}"

_TYPES: Final = {"text": "sc:Text", "int": "sc:Integer", "float": "sc:Float", "bool": "sc:Boolean", "date": "sc:Date",
                 "texts": "sc:Text", "tiers": "sc:Text"}  # fmt: skip
_LISTS: Final = ("texts", "tiers")
_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    **{name: f"cr:{name}" for name in (
        "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
        "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
        "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
        "source", "subField", "transform",
    )},
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "name": {"@container": "@language"},
}  # fmt: skip
"""As the standard gives it, word for word: its reader warns of any other."""


def croissant(facts: Mapping[str, Any]) -> str:
    """`croissant.json` of a release.

    Args:
        facts: the manifest, but for what only the finished one has: all of the card's, and `files` with their
            checksums.
    """
    sets = [(config, split, rows) for config, splits in facts["configs"].items() for split, rows in splits.items()]
    present = [(config, split, rows) for config, split, rows in sets if rows]
    return json.dumps(_head(facts) | {
        "distribution": [_file(name, known) for name, known in sorted(facts["files"].items()) if "rows" in known],
        "recordSet": [_records(config, split, rows) for config, split, rows in present],
    }, indent=1, ensure_ascii=False) + "\n"  # fmt: skip


def _head(facts: Mapping[str, Any]) -> dict[str, Any]:
    licences = facts["licences"]
    outputs = ", ".join(licences["output"]) or "none"
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": f"minka-{facts['version']}",
        "description": f"{abstract(facts)} The card (README.md) tells the rest.",
        "version": semantic(facts["version"]),
        "datePublished": facts["cutoff"],
        "inLanguage": sorted(facts["varieties"]["judgements"]),
        "keywords": ["preference", "human feedback", "language varieties", "Latin America"],
        "license": [SPDX.format(name) for name in licences_of(facts)] or ["unknown"],
        "conditionsOfAccess": f"Contributions are only one of three: texts come under the licence of their source"
        f" ({', '.join(licences['source']) or 'none'}) and of the model's output ({outputs}). Every row names its own.",
        "creator": {"@type": "sc:Organization", "name": AUTHORS},
        "citeAs": f"@misc{{minka_{facts['version'].replace('+', '_')}, title = {{{title(facts)}}},"
        f" author = {{{{{AUTHORS}}}}}, year = {{{facts['cutoff'][:4]}}}}}",
        "rai:personalSensitiveInformation": "Codes instead of people, made anew for each release; nobody should try to"
        " find out who somebody is.",
    }


def _file(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{known['bytes']} B",
        "encodingFormat": PARQUET,
        "sha256": known["sha256"],
    }


def _records(config: str, split: str, rows: int) -> dict[str, Any]:
    name = f"{config}/{split}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{CONFIGS[config].about}; {rows:,} rows",
        "field": list(_fields(name, SCHEMAS[config], mf.file_of(config, split))),
    }


def _fields(above: str, columns: Mapping[str, Any], file: str, column: str = "") -> Iterator[dict[str, Any]]:
    """The fields of a set; inside of a struct those of `column`."""
    for name, kind in columns.items():
        known = {"@type": "cr:Field", "@id": f"{above}/{name}", "name": f"{above}/{name}"}
        if not isinstance(kind, str):
            yield known | {"subField": list(_fields(known["@id"], kind, file, name))}
        elif kind.rstrip("?") == "messages":
            turns = (_turns(f"{known['@id']}/{part}", file, name, part) for part in ("role", "content"))
            yield known | {"repeated": True, "subField": list(turns)}
        else:
            kind = kind.rstrip("?")
            many = {"repeated": True} if kind in _LISTS else {}
            source = _source(file, column, name) if column else _source(file, name)
            yield known | {"dataType": _TYPES[kind]} | many | {"source": source}


def _turns(name: str, file: str, column: str, part: str) -> dict[str, Any]:
    """One part of every turn of a conversation."""
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": "sc:Text", "repeated": True,
            "source": _source(file, column, f"[*].{part}")}  # fmt: skip


def _source(file: str, column: str, path: str = "") -> dict[str, Any]:
    inside = {"transform": {"jsonPath": path}} if path else {}
    return {"fileObject": {"@id": file}, "extract": {"column": column}} | inside
