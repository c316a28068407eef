"""Verdicts from a file: all of it or nothing, and every mistake at once."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.review.verdicts import Imported, Review, ReviewFileError, parse, take_in

ID = "0123456789abcdef" * 2 + "-" + "0123456789abcdef"
ROW = {
    "output_id": ID,
    "verdict": "bad",
    "reviewer": "ann",
    "modes": ["wrong fact", "too long"],
    "note": "no, that is Lyon",
    "time": "2026-11-24T09:30:00+01:00",
}
CSV = (
    "output_id,verdict,reviewer,modes,note,time\n"
    f'{ID},bad,ann,wrong fact; too long,"no, that is Lyon",2026-11-24T08:30:00Z\n'
)


def lines(*rows):
    return "\n".join(json.dumps(row) for row in rows)


def test_both_forms_say_the_same():
    (from_json,) = parse(lines(ROW), is_csv=False)
    (from_csv,) = parse(CSV, is_csv=True)
    assert from_json.modes == from_csv.modes == ("wrong fact", "too long")
    assert from_json.review_id == from_csv.review_id


def test_every_mistake_is_reported_at_once():
    wrong = [
        {**ROW, "verdict": "meh"},
        ROW,
        {**ROW, "output_id": "7", "time": "yesterday", "reviewer": ""},
        {**ROW, "time": "2026-11-24T09:30:00", "modes": [1], "grade": 3},
        {**ROW, "time": "2026-11-24T09:30:00"},
    ]
    with pytest.raises(ReviewFileError) as error:
        parse(lines(*wrong) + "\n{", is_csv=False)
    said = str(error.value)
    for expected in (
        "line 1: verdict is 'meh'; it must be one of good, bad",
        "line 3: reviewer is missing",
        "line 4: 'grade' is not a field",
        "line 4: modes is [1]",
        "line 5: time is '2026-11-24T09:30:00'; it must be ISO 8601 with an offset",
        "line 6: is not JSON",
    ):
        assert expected in said
    assert "line 2" not in said


def test_a_csv_with_mistakes_names_the_lines():
    with pytest.raises(ReviewFileError, match="line 3: has more fields than the header"):
        parse(CSV + "a,b,c,d,e,f,g\n", is_csv=True)


def test_an_empty_file_is_a_mistake():
    with pytest.raises(ReviewFileError, match="no verdict"):
        parse("\n\n", is_csv=False)


@given(st.text(), st.booleans())
def test_any_text_is_verdicts_or_a_mistake(content, is_csv):
    with suppress(ReviewFileError):
        assert all(isinstance(review, Review) for review in parse(content, is_csv=is_csv))


@given(
    st.dictionaries(
        st.sampled_from([*ROW, "more"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.integers()),
    )
)
def test_any_object_is_a_verdict_or_a_mistake(changes):
    with suppress(ReviewFileError):
        (review,) = parse(lines({**ROW, **changes}), is_csv=False)
        assert review.verdict == changes.get("verdict", "bad")


def test_taking_in_twice_changes_nothing(client):
    client.command(
        "insert into draws (day, service, drawn, run, frozen_at) values "
        f"('2026-11-02', 'chat', [('{ID}', .5)], 'run', '2026-11-03 02:00:00')"
    )
    reviews = parse(lines(ROW, ROW, {**ROW, "output_id": "f" + ID[1:]}), is_csv=False)
    assert take_in(client, reviews) == Imported(reviews=2, new=2, not_drawn=1)
    assert take_in(client, reviews) == Imported(reviews=2, new=0, not_drawn=1)
    rows = client.query(
        "select reading, verdict, modes, note, reviewed_at from reviews order by output_id"
    ).result_rows
    assert [row[0] for row in rows] == ["first", "extra"]
    assert rows[0][1:4] == ("bad", ["wrong fact", "too long"], "no, that is Lyon")
    assert f"{rows[0][4]}" == "2026-11-24 08:30:00"
