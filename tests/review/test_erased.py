"""What was erased keeps its place in the order of reading, and nothing else."""

from datetime import datetime, timedelta, timezone

import pytest
from raw_rows import SECOND, T0, insert, llm_span, output_id

from otel_ai_feedback.review import draw
from otel_ai_feedback.store.erasure import erase

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)


@pytest.mark.slow
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
    cut = "select round(cut, 12) from review_progress_at(as_of = '2025-12-01 00:00:00.000')"
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


@pytest.mark.slow
def test_what_was_sampled_of_someone_erased_leads_nowhere(clean):
    insert(
        clean,
        [
            llm_span(f"o{n}", at=n, ai_feedback__subject="bob" if n % 3 else "ada")
            for n in range(30)
        ],
    )
    draw.freeze(clean, as_of=START + timedelta(days=3))
    drawn = (
        "select groupArray(output_id), groupArray(u) from (select * from review_draw order by u)"
    )
    ((before, keys),) = clean.query(drawn).result_rows
    theirs = {output_id(f"o{n}") for n in range(0, 30, 3)}
    assert theirs < set(before)
    assert erase(clean, "ada", dry_run=True)["draws"] == 10
    assert clean.query(drawn).result_rows == [(before, keys)]
    assert erase(clean, "ada")["draws"] == 10
    ((after, same),) = clean.query(drawn).result_rows
    assert same == keys
    for was, now in zip(before, after, strict=True):
        assert now.startswith("erased-") if was in theirs else now == was
    assert len(set(after)) == 30
    said = clean.query("select output_id from reviews where verdict = 'erased'").result_rows
    assert {name for (name,) in said} == {name for name in after if name.startswith("erased-")}
    kept = str(clean.query("select drawn from draws").result_rows)
    kept += str(clean.query("select * from reviews").result_rows)
    assert not [name for name in theirs if name in kept]
    assert erase(clean, "ada")["draws"] == 0, "it can be run again"
