"""A release as the platform writes it, small, in any config that a recipe reads."""

import hashlib
import json

VERSION = "20261123T060000Z"

QUESTIONS = {
    "es-CL": "¿Cómo se pide hora en un consultorio de Valparaíso? (caso {})",
    "es-PE": "¿Qué lleva el ceviche en Lima? (caso {})",
    "es-AR": "¿Qué yerba me recomendás para el mate? (caso {})",
    "pt-BR": "Como se faz pão de queijo em Minas? (caso {})",
}


def train_file(config):
    return f"data/{config}/train-00000-of-00001.parquet"


def validation_file(config):
    return f"data/{config}/validation-00000-of-00001.parquet"


def meta(i, variety):
    return {
        "record_id": f"r{i:04d}",
        "source_id": f"mio-{i}",
        "variety": variety,
        "domain": "vida cotidiana",
        "permitted_use": ["train", "evaluate"],
        "n": 3,
        "agreement": 1.0,
        "method": "strict_majority",
    }


def said(i):
    """A question, a good answer and a bad one, and what is known of them."""
    variety = list(QUESTIONS)[i % len(QUESTIONS)]
    good, bad = "Depende del lugar; lo más común es preguntar primero.", "No sé nada de eso."
    if variety == "pt-BR":
        good, bad = "Depende do lugar; o mais comum é perguntar primeiro.", "Não sei nada disso."
    return QUESTIONS[variety].format(i), good, bad, meta(i, variety)


def turn(role, content):
    return [{"role": role, "content": content}]


def preference_row(i, **changes):
    question, good, bad, known = said(i)
    answers = {"chosen": turn("assistant", good), "rejected": turn("assistant", bad)}
    return {"prompt": turn("user", question), **answers, "margin": [0.5, 1.0, 2.0][i % 3], "meta": known} | changes


def sft_row(i, **changes):
    question, good, _bad, known = said(i)
    return {"messages": turn("user", question) + turn("assistant", good), "meta": known} | changes


def kto_row(i, **changes):
    question, good, bad, known = said(i)
    answer = {"completion": turn("assistant", bad if i % 2 else good), "label": i % 2 == 0}
    return {"prompt": turn("user", question), **answer, "meta": known} | changes


ROWS = {"preference": preference_row, "sft": sft_row, "kto": kto_row}


def lengthen(row):
    """With a question that no answer fits beside."""
    question = row.get("prompt") or row["messages"]
    question[0]["content"] = "Cuento largo: " + "había una vez " * 400
    return row


def schema(config):
    import pyarrow as pa

    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    words = {name: pa.string() for name in ("record_id", "source_id", "variety", "domain")}
    known = words | {
        "permitted_use": pa.list_(pa.string()),
        "n": pa.int32(),
        "agreement": pa.float64(),
        "method": pa.string(),
    }
    columns = {
        "preference": {**dict.fromkeys(("prompt", "chosen", "rejected"), messages), "margin": pa.float64()},
        "sft": {"messages": messages},
        "kto": {"prompt": messages, "completion": messages, "label": pa.bool_()},
    }
    return pa.schema([*columns[config].items(), ("meta", pa.struct(list(known.items())))])


def write_release(folder, *, config="preference", train=None, permitted_use=("train", "evaluate"), stray=()):
    """A release of `train` rows (24 unless told) and two of validation, with stray columns if told."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = ROWS[config]
    train = [row(i) for i in range(24)] if train is None else train
    splits = {"train": train, "validation": [row(i) for i in (100, 101)]}
    (folder / "data" / config).mkdir(parents=True)
    rows = {}
    for split, items in splits.items():
        name = f"data/{config}/{split}-00000-of-00001.parquet"
        table = pa.Table.from_pylist(items, schema=schema(config))
        for column in stray:
            table = table.append_column(column, pa.array([column] * len(items), pa.string()))
        pq.write_table(table, folder / name, compression="zstd")
        rows[name] = len(items)
    (folder / "README.md").write_text(
        f"---\npretty_name: Minka\nlanguage:\n- es\n- pt\nconfigs:\n- config_name: {config}\n  data_files:\n"
        + "".join(f"  - split: {split}\n    path: data/{config}/{split}-*.parquet\n" for split in splits)
        + "---\n\n# Minka\n",
        encoding="utf-8",
    )
    files = {}
    for name in ("README.md", *rows):
        content = (folder / name).read_bytes()
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        files[name] |= {"rows": rows[name]} if name in rows else {}
    manifest = {
        "format": 1,
        "version": VERSION,
        "dataset": "minka",
        "cutoff": "2026-11-23T06:00:00Z",
        "release_id": canonical_sha256(files),
        "permitted_use": {config: list(permitted_use)},
        "files": files,
        "configs": {config: {"train": len(train), "validation": 2, "test": 0}},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return folder


def canonical_sha256(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
