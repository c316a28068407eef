"""What was erased keeps its place in the order of reading, and nothing else."""

from datetime import datetime, timedelta, timezone

from raw_rows import SECOND, T0, insert, llm_span, output_id

from otel_ai_feedback.review import draw
from otel_ai_feedback.store.erasure import erase

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)


def test_erasing_leaves_the_cut_where_it_is(clean):
    owners = {output_id(f"o{n}"): "ada" if n % 3 == 0 else "bob" for n in range(60)}
    insert(
        clean,
        [
            llm_span(f"o{n}", at=n, ai_feedback__subject="bob" if n % 3 else "ada")
            for n in range(60)
        ],
    )
    draw.freeze(clean, as_of=START + timedelta(days=3))
    order = [
        name for (name,) in clean.query("select output_id from review_draw order by u").result_rows
    ]
    # the first that was not read is bob's, so that it stays unread
    stop = next(place for place in range(40, 60) if owners[order[place]] == "bob")
    said = START + timedelta(days=8)
    clean.insert(
        "reviews",
        [
            [name, name, "first", "ann", "good", f"{owners[name]} asked", said]
            for name in order[:stop]
        ],
        column_names=[
            "review_id",
            "output_id",
            "reading",
            "reviewer",
            "verdict",
            "note",
            "reviewed_at",
        ],
    )
    cut = "select round(cut, 12) from review_cuts_at(as_of = '2025-12-01 00:00:00.000')"
    labels = (
        "select sum(m) from quality_cells_within("
        "as_of = '2025-12-01 00:00:00.000', since = '1970-01-01') "
        "where model = '' and release = ''"
    )
    before = clean.query(cut).result_rows
    assert clean.query(labels).result_rows == [(stop,)]
    theirs = sum(owners[name] == "ada" for name in order[:stop])
    assert erase(clean, "ada")["reviews"] == theirs
    notes = clean.query("select countIf(note like '%ada%') from reviews").result_rows
    assert notes == [(0,)]
    assert clean.query(cut).result_rows == before
    assert clean.query(labels).result_rows == [(stop - theirs,)]
