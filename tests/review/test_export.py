"""Verdicts for others: a file, and events to an OTLP receiver."""

import json
from datetime import date, datetime, timedelta, timezone

import pyarrow.parquet
import pytest
from raw_rows import SECOND, T0, insert, llm_span, output_id

from otel_ai_feedback import serve
from otel_ai_feedback.review import draw, emit, export
from otel_ai_feedback.serve import text_lookup

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
SAID = START + timedelta(days=8)
NOW = START + timedelta(days=20)


def say(client, name, verdict, *, reading="first", reviewer="ann", modes=(), at=SAID):
    row = [f"{name}-{reviewer}-{at}", name, reading, reviewer, verdict, list(modes), "a note", at]
    client.insert(
        "reviews",
        [row],
        column_names=[
            "review_id", "output_id", "reading", "reviewer", "verdict", "modes", "note",
            "reviewed_at",
        ],
    )  # fmt: skip


@pytest.fixture
def reviewed(clean):
    """Twenty outputs, ten of them read; their ids in the order of reading."""
    insert(clean, [llm_span(f"o{n}", at=n, gen_ai__response__id=f"r{n}") for n in range(20)])
    draw.freeze(clean, as_of=START + timedelta(days=3))
    names = [
        name for (name,) in clean.query("select output_id from review_draw order by u").result_rows
    ]
    for name in names[:9]:
        say(clean, name, "good")
    say(clean, names[0], "bad", modes=["wrong date"], at=SAID + timedelta(minutes=1))
    say(clean, names[1], "bad", reading="second", reviewer="bob", at=SAID + timedelta(minutes=2))
    say(clean, names[2], "bad", reading="gold", reviewer="bob", at=SAID + timedelta(minutes=2))
    say(clean, names[12], "good")
    clean.command(
        "insert into mode_changes (change_id, mode, change, into, changed_at) values "
        f"('1', 'wrong date', 'rename', 'wrong fact', '{SAID:%Y-%m-%d %H:%M:%S}')"
    )
    return clean, names


@pytest.mark.slow
def test_a_row_per_output_with_weight_modes_and_ids(reviewed):
    client, names = reviewed
    rows = {row["output_id"]: row for row in export.reviewed(client, as_of=NOW)}
    assert set(rows) == {*names[:9], names[12]}
    first = rows[names[0]]
    assert (first["verdict"], first["modes"], first["note"]) == ("bad", ["wrong fact"], "a note")
    assert (first["drawn"], first["class"], first["reviewer"]) == (True, "none", "ann")
    assert first["response_id"].startswith("r")
    assert f"{first['trace_id']}-{first['span_id']}" == names[0]
    # the labels below the cut stand for all twenty
    weights = [row["weight"] for row in rows.values() if row["weight"] > 0]
    assert len(weights) == 9
    assert rows[names[12]]["weight"] == 0
    json.dumps(list(rows.values()))


@pytest.mark.slow
def test_the_weights_add_up_to_the_outputs(reviewed):
    client, names = reviewed
    for name in names[9:]:
        say(client, name, "good")
    rows = export.reviewed(client, as_of=NOW)
    assert sum(row["weight"] for row in rows) == pytest.approx(20)


@pytest.mark.slow
def test_what_was_picked_by_hand_has_no_weight(reviewed):
    client, _ = reviewed
    insert(client, [llm_span("late", at=90_000)])
    say(client, output_id("late"), "bad", reading="extra", modes=["too long"])
    (row,) = [r for r in export.reviewed(client, as_of=NOW) if r["output_id"] == output_id("late")]
    assert (row["drawn"], row["weight"], row["inclusion_probability"]) == (False, 0, None)
    assert row["service"] == "chat"
    assert row["modes"] == ["too long"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", export.FORMATS)
def test_both_files_hold_the_same(reviewed, tmp_path, ending):
    client, _ = reviewed
    rows = export.reviewed(client, as_of=NOW)
    file = tmp_path / f"reviewed{ending}"
    export.write(rows, file)
    if ending == ".parquet":
        found = pyarrow.parquet.read_table(file).to_pylist()
    else:
        found = [json.loads(line) for line in file.read_text().splitlines()]
    assert found == rows


@pytest.mark.slow
def test_since_a_day(reviewed):
    client, names = reviewed
    say(client, names[9], "good", at=SAID + timedelta(days=2))
    rows = export.reviewed(client, since=date(SAID.year, SAID.month, SAID.day + 2), as_of=NOW)
    assert [row["output_id"] for row in rows] == [names[9]]


@pytest.mark.slow
def test_labels_reach_a_receiver_as_evaluations(reviewed, settings, monkeypatch):
    client, names = reviewed
    found = emit.evaluations(client, START)
    assert len(found) == 12  # all but the gold answer
    with serve.running(settings, port=0, jobs_every=None) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
        assert emit.send(found) == 12
        assert emit.send(found[:1]) == 1
    rows = client.query(
        "select TraceId, SpanId, ServiceName, EventName, LogAttributes, Timestamp from otel_logs "
        "where EventName = 'gen_ai.evaluation.result' order by Timestamp"
    ).named_results()
    events = list(rows)
    assert len(events) == 13
    uids = [event["LogAttributes"]["log.record.uid"] for event in events]
    # what is sent again has the id and the time that it had
    assert len(set(uids)) == 12
    assert len({(event["Timestamp"], uid) for event, uid in zip(events, uids, strict=True)}) == 12
    corrected = next(e for e in events if "gen_ai.evaluation.explanation" in e["LogAttributes"])
    assert f"{corrected['TraceId']}-{corrected['SpanId']}" == names[0]
    assert corrected["ServiceName"] == "chat"
    assert corrected["LogAttributes"] == {
        "gen_ai.evaluation.name": "human_review",
        "gen_ai.evaluation.score.label": "bad",
        "gen_ai.evaluation.score.value": "0",
        "gen_ai.evaluation.explanation": "wrong date",
        "gen_ai.response.id": corrected["LogAttributes"]["gen_ai.response.id"],
        "log.record.uid": corrected["LogAttributes"]["log.record.uid"],
    }


@pytest.mark.slow
def test_an_endpoint_that_takes_nothing_is_an_error(reviewed, settings, monkeypatch):
    client, _ = reviewed
    with serve.running(settings, port=0, jobs_every=None) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", f"{server.url}/no/such/path")
        with pytest.raises(emit.EmitError, match="0 of 12"):
            emit.send(emit.evaluations(client, START))


@pytest.mark.slow
def test_the_text_comes_along_where_the_store_has_it(reviewed):
    client, _ = reviewed
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "and Lyon?"}]}])
    answer = json.dumps(
        [{"role": "assistant", "parts": [{"type": "text", "content": "It is in France."}]}]
    )
    insert(
        client,
        [
            llm_span(
                "told", at=90_000, gen_ai__input__messages=said, gen_ai__output__messages=answer
            )
        ],
    )
    say(client, output_id("told"), "good", reading="extra")
    rows = {
        row["output_id"]: row for row in export.reviewed(client, as_of=NOW, reader=text_lookup.read)
    }
    told = rows.pop(output_id("told"))
    assert (told["input"], told["output"], told["conversation"]) == (
        "and Lyon?", "It is in France.", [],
    )  # fmt: skip
    assert {(row["input"], row["output"]) for row in rows.values()} == {(None, None)}
