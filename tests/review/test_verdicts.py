"""Verdicts from a file: all of it or nothing, and every mistake at once."""

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.review.table_file import EncodingError, decoded
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
NOW = datetime(2026, 11, 25, tzinfo=timezone.utc)
CSV = (
    "output_id,verdict,reviewer,modes,note,time\n"
    f'{ID},bad,ann,wrong fact; too long,"no, that is Lyon",2026-11-24T08:30:00Z\n'
)


def lines(*rows):
    return "\n".join(json.dumps(row) for row in rows)


def test_both_forms_say_the_same():
    (from_json,) = parse(lines(ROW), is_csv=False, now=NOW)
    (from_csv,) = parse(CSV, is_csv=True, now=NOW)
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
        parse(lines(*wrong) + "\n{", is_csv=False, now=NOW)
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
        parse(CSV + "a,b,c,d,e,f,g\n", is_csv=True, now=NOW)


def test_an_empty_file_is_a_mistake():
    with pytest.raises(ReviewFileError, match="no verdict"):
        parse("\n\n", is_csv=False, now=NOW)


@given(st.text(), st.booleans())
def test_any_text_is_verdicts_or_a_mistake(content, is_csv):
    with suppress(ReviewFileError):
        assert all(isinstance(review, Review) for review in parse(content, is_csv=is_csv, now=NOW))


@given(
    st.dictionaries(
        st.sampled_from([*ROW, "more"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.integers()),
    )
)
def test_any_object_is_a_verdict_or_a_mistake(changes):
    with suppress(ReviewFileError):
        (review,) = parse(lines({**ROW, **changes}), is_csv=False, now=NOW)
        assert review.verdict == changes.get("verdict", "bad")


def test_taking_in_twice_changes_nothing(client):
    client.command(
        "insert into draws (day, service, drawn, run, frozen_at) values "
        f"('2026-11-02', 'chat', [('{ID}', .5)], 'run', '2026-11-03 02:00:00')"
    )
    reviews = parse(lines(ROW, ROW, {**ROW, "output_id": "f" + ID[1:]}), is_csv=False, now=NOW)
    assert take_in(client, reviews) == Imported(reviews=2, new=2, not_drawn=1, unknown=2)
    assert take_in(client, reviews) == Imported(reviews=2, new=0, not_drawn=1, unknown=2)
    rows = client.query(
        "select reading, verdict, modes, note, reviewed_at from reviews order by output_id"
    ).result_rows
    assert [row[0] for row in rows] == ["first", "extra"]
    assert rows[0][1:4] == ("bad", ["wrong fact", "too long"], "no, that is Lyon")
    assert f"{rows[0][4]}" == "2026-11-24 08:30:00"


def test_a_verdict_of_the_future_is_refused_by_line():
    late = {**ROW, "time": "2062-11-24T09:30:00+01:00"}
    skewed = {**ROW, "time": (NOW + timedelta(minutes=4)).isoformat()}
    with pytest.raises(ReviewFileError) as error:
        parse(lines(ROW, late, skewed), is_csv=False, now=NOW)
    assert f"{error.value}" == (
        "line 2: time is '2062-11-24T09:30:00+01:00', which is after now (2026-11-25T00:00:00Z)"
    )


def test_a_verdict_from_before_its_answer_is_refused_by_line(client):
    made, again = ID, "f" + ID[1:]
    client.insert(
        "output_facts",
        [(*key.split("-"), NOW - timedelta(days=2), True) for key in (made, again)],
        column_names=["trace_id", "span_id", "started", "present"],
    )
    soon, early = (NOW - timedelta(hours=1)).isoformat(), "2006-11-24T09:30:00+01:00"
    reviews = parse(
        lines({**ROW, "output_id": made, "time": soon}, {**ROW, "output_id": again, "time": early}),
        is_csv=False,
        now=NOW,
    )
    with pytest.raises(ReviewFileError, match=r"^line 2: time is 2006.*before the answer was made"):
        take_in(client, reviews)
    assert client.query("select count() from reviews").first_row == (0,)
    assert take_in(client, reviews[:1], dry_run=True) == Imported(1, 1, 1, 0)
    assert client.query("select count() from reviews").first_row == (0,)
    assert take_in(client, reviews[:1]) == Imported(1, 1, 1, 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"),
     (b"\xfe\xff", "utf-16-be")],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", "sep={}\r\n"])
def test_what_spreadsheets_write(mark, encoding, delimiter, before):
    header = delimiter.join(["output_id", "verdict", "reviewer", "modes", "note", "time"])
    row = [ID, "bad", "ann", '"wrong fact; too long"', '"no, c\'est à Lyon\tvoilà"',
           "2026-11-24T08:30:00Z"]  # fmt: skip
    text = f"{before.format(delimiter)}{header}\r\n{delimiter.join(row)}\r\n"
    (review,) = parse(decoded(mark + text.encode(encoding)), is_csv=True, now=NOW)
    assert review.modes == ("wrong fact", "too long")
    assert review.note == "no, c'est à Lyon\tvoilà"
    assert review.line == (3 if before else 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CSV.encode() + "Orléans".encode("cp1252"), "line 3: byte 0xe9 is not UTF-8.*CSV UTF-8"),
        ("output_id,b".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"\xff\xfea", "UTF-16-LE; the file is cut short"),
    ],
)
def test_an_encoding_that_is_not_read_is_named(content, said):
    with pytest.raises(EncodingError, match=said):
        decoded(content)
