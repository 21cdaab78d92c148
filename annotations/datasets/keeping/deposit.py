"""What a repository asks for where an edition is deposited and gets a DOI: DataCite's metadata, and Zenodo's. From the
manifest's numbers and the edition's title; whoever deposits sends it. No Django."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from annotations.datasets.citation import AUTHORS, NAME, abstract, citation, semantic

KEYWORDS: Final = ("human preference", "language models", "Latin America", "annotation")
Facts = Mapping[str, Any]


def datacite(facts: Facts, cited: Facts) -> str:
    """DataCite metadata schema 4, as its REST API takes it.

    Args:
        facts: as `card` takes them.
        cited: `title`; `open`, whether everybody may take its rows; `doi`, empty where it has none yet; `before`, the
            DOIs of the releases it takes the place of.
    """
    told: dict[str, Any] = {
        "titles": [{"title": cited["title"]}],
        "creators": [{"name": AUTHORS, "nameType": "Organizational"}],
        "publisher": {"name": "Minka"},
        "publicationYear": int(facts["cutoff"][:4]),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Judgements of people"},
        "version": semantic(facts["version"]),
        "dates": [{"date": facts["cutoff"][:10], "dateType": "Issued"}],
        "descriptions": [{"description": abstract(facts), "descriptionType": "Abstract"}],
        "subjects": [{"subject": each} for each in KEYWORDS],
        "rightsList": [{"rights": each, "rightsIdentifier": each, "rightsIdentifierScheme": "SPDX"}
                       for each in facts["licences"]["contribution"]],
        "formats": ["application/x-parquet"],
        "alternateIdentifiers": [{"alternateIdentifier": facts["version"], "alternateIdentifierType": "release"}],
        "relatedIdentifiers": [
            {"relatedIdentifier": doi, "relatedIdentifierType": "DOI", "relationType": "IsNewVersionOf"}
            for doi in cited["before"]
        ],
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }  # fmt: skip
    attributes = told | ({"doi": cited["doi"]} if cited["doi"] else {})
    return _written({"data": {"type": "dois", "attributes": attributes}})


def zenodo(facts: Facts, cited: Facts) -> str:
    """The metadata of a deposition at Zenodo. It takes one licence: where contributions have several it names none, and
    whoever deposits chooses with care."""
    licences = facts["licences"]["contribution"]
    told: dict[str, Any] = {
        "title": cited["title"],
        "upload_type": "dataset",
        "description": abstract(facts),
        "creators": [{"name": AUTHORS}],
        "publication_date": facts["cutoff"][:10],
        "version": semantic(facts["version"]),
        "access_right": "open" if cited["open"] else "restricted",
        "keywords": list(KEYWORDS),
        "notes": f"Release {facts['version']}, release_id {facts['release_id']}.",
        "related_identifiers": [{"identifier": doi, "relation": "isNewVersionOf"} for doi in cited["before"]],
    }
    licence = {"license": licences[0].lower()} if len(licences) == 1 else {}
    doi = {"doi": cited["doi"]} if cited["doi"] else {}
    return _written({"metadata": told | licence | doi})


def _written(told: Facts) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


PAPERS: Final[Mapping[str, Callable[[Facts, Facts], str]]] = {
    NAME: citation, "datacite.json": datacite, "zenodo.json": zenodo,
}  # fmt: skip
"""What one can download of an edition, by name."""
