"""What users ask that the team does not test."""

import json
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import spread
from raw_rows import SECOND, T0, event, insert, llm_span, output_id

from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS
from otel_ai_feedback.capture.text.hashing import derive_key
from otel_ai_feedback.capture.text.sketch import sketch
from otel_ai_feedback.cli import main
from otel_ai_feedback.cli.reference import EvalsFileError, parse
from otel_ai_feedback.review import draw
from otel_ai_feedback.store import references

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
KEY = "k" * 32
RETURNS = "How do I send back a pair of shoes that I bought last week?"
ALIKE = "How do I send back a pair of boots that I bought last week?"
ELSE = "Which of your insurance policies covers a stolen bicycle abroad?"


def asked(name, question, at=0.0, **more):
    made = sketch(question, derive_key(KEY.encode(), b"sketch"))
    return [
        llm_span(name, at=at, **more),
        event(EVENT_OUTPUT_DETAILS, name, at=at, ai_feedback__input__sketch=made),
    ]


def untested(client, columns="n, untested, share"):
    return client.query(
        f"select {columns} from eval_coverage_gap_at(as_of = '2025-11-20 06:00:00.000') "
        "order by all"
    ).result_rows


@pytest.fixture
def imported(clean, settings, tmp_path, monkeypatch):
    """``imported(lines)`` runs the command over a file."""
    monkeypatch.setenv("OTEL_AI_FEEDBACK_KEY", KEY)

    def run(lines, *more):
        file = tmp_path / "evals.jsonl"
        file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        return main(["reference", "import", str(file), "--store", settings.store, *more])

    return run


@pytest.mark.slow
def test_the_share_of_questions_unlike_any_tested_one(clean, imported, capsys):
    insert(clean, [*asked("a", ALIKE), *asked("b", ELSE, at=60), *asked("c", ELSE, at=90)])
    # of a question without a letter there is no sketch, and it counts nowhere
    insert(clean, [llm_span("d", at=120)])
    spread(clean, START + timedelta(days=1))
    assert untested(clean) == []
    assert imported([{"prompt": RETURNS, "language": "en"}], "--json") == 0
    assert json.loads(capsys.readouterr().out)["kept"] == 1
    spread(clean, START + timedelta(days=1, minutes=1))
    assert untested(clean) == [(3, 2, 2 / 3)]
    # a set of the same name takes its place
    assert imported([{"prompt": RETURNS}, {"prompt": ELSE}, {"prompt": ELSE}]) == 0
    spread(clean, START + timedelta(days=1, minutes=2))
    assert untested(clean) == [(3, 0, 0)]


def test_no_text_is_kept(clean, imported):
    imported([{"prompt": RETURNS, "language": "en"}])
    rows = clean.query("select * except (sketch) from reference_prompts").result_rows
    assert len(rows) == 1
    assert "shoes" not in str(clean.query("select * from reference_prompts").result_rows)
    assert rows[0][4:6] == (len(RETURNS), "en")


@pytest.mark.slow
def test_a_set_of_another_service_is_not_compared_with(clean, imported):
    imported([{"prompt": RETURNS}], "--service", "shop", "--set", "theirs")
    insert(clean, asked("a", ALIKE))
    spread(clean, START + timedelta(days=1))
    assert untested(clean) == []
    imported([{"prompt": RETURNS}], "--service", "chat", "--set", "ours")
    spread(clean, START + timedelta(days=1, minutes=1))
    assert untested(clean) == [(1, 0, 0)]


@pytest.mark.slow
def test_the_share_among_bad_answers(clean, imported):
    names = {"a": ALIKE, "b": ELSE, "c": ELSE}
    for number, (name, question) in enumerate(names.items()):
        insert(clean, asked(name, question, at=60 * number))
    imported([{"prompt": RETURNS}])
    later = START + timedelta(days=8)
    spread(clean, later)
    monday = date(2025, 11, 17)
    draw.freeze(clean, as_of=later)
    said = [
        [f"r{number}", output_id(name), "first", "ann", verdict, later]
        for number, (name, verdict) in enumerate([("a", "bad"), ("b", "bad"), ("c", "good")])
    ]
    clean.insert(
        "reviews", said,
        ["review_id", "output_id", "reading", "reviewer", "verdict", "reviewed_at"],
    )  # fmt: skip
    rows = clean.query(
        "select bad_labels, bad_untested, bad_share from eval_coverage_gap_at("
        f"as_of = '{monday + timedelta(days=9)} 06:00:00.000')"
    ).result_rows
    assert rows == [(2, 1, 0.5)]


def test_without_the_services_key_nothing_is_imported(
    clean, settings, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STATE_DIR", str(tmp_path / "elsewhere"))
    file = tmp_path / "evals.jsonl"
    file.write_text('{"prompt": "How do I ...?"}')
    assert main(["reference", "import", str(file), "--store", settings.store]) == 1
    assert "OTEL_AI_FEEDBACK_KEY" in capsys.readouterr().err
    assert clean.query("select count() from reference_prompts").result_rows == [(0,)]


@pytest.mark.parametrize(
    ("lines", "field", "questions"),
    [
        ('{"prompt": "a"}\n\n{"input": "b"}', None, ["a", "b"]),
        ('{"prompt": "a", "ask": "b"}', "ask", ["b"]),
        (
            '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},'
            ' {"role": "user", "content": [{"type": "text", "text": "c"}]}, '
            '{"role": "assistant", "content": "d"}]}',
            None,
            ["c"],
        ),
    ],
)
def test_where_a_question_stands(lines, field, questions):
    assert [question.text for question in parse(lines, field)] == questions


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "no question"),
        ("nothing", "line 1: is not JSON"),
        ('{"prompt": "a"}\n[]', "line 2: is not an object"),
        ('{"text": "a"}', "line 1: has no question in prompt or question"),
        ('{"prompt": 3}', "line 1: has no question"),
        ('{"messages": [{"role": "assistant", "content": "a"}]}', "--field"),
    ],
)
def test_what_is_wrong_is_said_line_by_line(lines, said):
    with pytest.raises(EvalsFileError, match=said):
        list(parse(lines))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["prompt", "input", "messages", "role", "content", "text", "language", "x"]
    ) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(json_values.map(json.dumps) | st.text(max_size=30), max_size=5))
def test_any_file_is_read_or_refused(lines):
    try:
        questions = list(parse("\n".join(lines)))
    except EvalsFileError:
        return
    assert questions
    assert all(isinstance(q.text, str) and isinstance(q.language, str) for q in questions)


def test_an_empty_set_is_refused(clean):
    with pytest.raises(ValueError, match="at least one"):
        references.replace(clean, "mine", [])
