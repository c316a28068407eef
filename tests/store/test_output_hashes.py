"""SQL hashes texts exactly as capture does: both are held to the same vectors."""

import json
from pathlib import Path

from otel_ai_feedback import store

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/normalisation.json").read_text())


def _text(vector):
    if "utf16" in vector:
        units = b"".join(unit.to_bytes(2, "little") for unit in vector["utf16"])
        return units.decode("utf-16-le", "replace")
    if "repeat" in vector:
        return vector["repeat"]["unit"] * vector["repeat"]["count"]
    return vector["text"]


def test_shared_vectors(clean):
    texts = {vector["name"]: _text(vector) for vector in VECTORS}
    clean.command("create or replace table vectors (name String, text String) engine = Memory")
    try:
        clean.insert("vectors", list(texts.items()), column_names=["name", "text"])
        rows = clean.query(
            store.statement("store/output_hashes").text, parameters={"texts": "vectors"}
        ).result_rows
    finally:
        clean.command("drop table vectors")
    found = dict(rows)
    assert {name: found[text] for name, text in texts.items()} == {
        vector["name"]: "sha256:" + vector["sha256_32hex"] for vector in VECTORS
    }
