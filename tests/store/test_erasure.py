"""Forgetting one person, everywhere, and nobody else."""

from datetime import datetime, timezone

import pytest
from parts import count, derive
from raw_rows import (
    SECOND,
    T0,
    action_span,
    event,
    insert,
    llm_span,
    output_id,
    request_action,
    send,
)

from otel_ai_feedback import store
from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS
from otel_ai_feedback.capture.text.hashing import hash_subject
from otel_ai_feedback.cli import main
from otel_ai_feedback.store import erasure, facts
from otel_ai_feedback.store.erasure import erase
from otel_ai_feedback.store.facts import rows

DAY = 86_400


def traces_of(who, at=0.0):
    """A conversation of two turns with everything that may be said of it."""
    talk = {"gen_ai__conversation__id": who, "ai_feedback__input__hash": f"sha256:{who}"}
    subject = {"ai_feedback__subject": who}
    return [
        llm_span(
            f"{who} 1",
            at=at,
            text=who,
            handle="output",
            gen_ai__usage__input_tokens="9",
            **talk,
            **subject,
        ),
        llm_span(f"{who} 2", at=at + 60, text=f"{who} again", handle="output", **talk, **subject),
        event(EVENT_OUTPUT_DETAILS, f"{who} 1", at=at, **subject),
        event(
            "gen_ai.evaluation.result",
            f"{who} 1",
            at=at,
            gen_ai__evaluation__name="tone",
            gen_ai__evaluation__score__value="0.5",
        ),
        action_span("copy", f"{who} 1", at=at + 9, output_at=at, **subject),
        action_span("rating", f"{who} 2", at=at + 90, output_at=at + 60),  # by nobody in particular
        request_action("seen", f"{who} 1", at=at + 3),
        unlinked("share", who, who, at + 20, **subject),
    ]


def unlinked(action, name, text, at, **more):
    """An action that arrived with a hash and a session instead of a link."""
    row = action_span(
        action, name, at=at, method="", ai_feedback__output__time=None, session__id=name,
        ai_feedback__output__hash=llm_span("x", text=text)["SpanAttributes"][
            "ai_feedback.output.hash"
        ], **more,
    )  # fmt: skip
    return {key: value for key, value in row.items() if not key.startswith("Links")}


def contents(client):
    return {
        table: client.query(f"select * from {table} final order by all").result_rows
        if table not in ("otel_traces", "otel_logs")
        else client.query(f"select * from {table} order by all").result_rows
        for table in erasure.tables()
    }


def told(client):
    """Everything that views say, save for when it arrived."""
    return [
        client.query("select * except (arrived_at) from outputs order by output_id").result_rows,
        client.query("select * from actions order by action_id").result_rows,
    ]


def test_a_person_goes_and_the_others_stay(clean):
    settled = datetime.fromtimestamp(T0 // SECOND + DAY, timezone.utc)
    insert(clean, traces_of("bob"))
    derive(clean, settled)
    without = told(clean)
    for table in (*erasure.tables(), "rollup_days", "delivery_rules"):
        clean.command(f"truncate table {table}")

    insert(clean, [*traces_of("zoe", at=5000), *traces_of("bob")])
    count(clean, settled)
    said = ["1", output_id("zoe 1"), "ann", "bad", "zoe wants a refund"]
    clean.insert("reviews", [said], ["review_id", "output_id", "reviewer", "verdict", "note"])
    clean.insert("incident_outputs", [["i", output_id("zoe 1"), 0]])
    lease = ["l", output_id("zoe 1"), "first", "ann", settled, settled]
    clean.insert("review_leases", [lease])
    clean.insert("second_readings", [[output_id("zoe 1"), settled]])
    clean.insert("review_requests", [[output_id("zoe 1"), "ann", "", settled]])
    rates = clean.query("select series, k, n from signal_rates order by all").result_rows
    before = contents(clean)
    counted = erase(clean, "zoe", dry_run=True)
    assert contents(clean) == before
    assert all(rows for table, rows in counted.items() if table != "draws"), counted
    assert erase(clean, "zoe") == counted
    assert told(clean) == without
    assert "zoe" not in str(contents(clean))
    assert clean.query("select series, k, n from signal_rates order by all").result_rows == rates
    assert not any(erase(clean, "zoe").values())


@pytest.mark.slow
def test_a_pass_over_the_facts_brings_nobody_back_who_is_erased_meanwhile(clean, monkeypatch):
    writes = {name: getattr(rows, name) for name in ("write_outputs", "write_actions")}

    def erase_before(name):
        def write(client, found):
            erase(clean, "zoe")
            writes[name](client, found)

        return write

    for name in writes:
        for person in ("bob", "zoe"):
            send(clean, traces_of(person))
        with monkeypatch.context() as patched:
            patched.setattr(rows, name, erase_before(name))
            facts.catch_up(clean)
        kept = str(contents(clean))
        assert "zoe" not in kept
        assert "bob" in kept


@pytest.mark.slow
def test_what_a_pass_writes_between_two_steps_of_an_erasure_goes_with_them(clean, monkeypatch):
    insert(clean, traces_of("zoe"))
    delete = erasure._delete
    stale = {
        table: clean.query(f"select * from {table}") for table in ("output_facts", "linked_actions")
    }

    def delete_after(client, table, *more):
        if table == "output_state":
            for name, rows in stale.items():
                clean.insert(name, rows.result_rows, column_names=rows.column_names)
        delete(client, table, *more)

    monkeypatch.setattr(erasure, "_delete", delete_after)
    erase(clean, "zoe")
    assert "zoe" not in str(contents(clean))


@pytest.fixture
def one_part_at_a_time(clean):
    """Parts of ``output_state`` are mutated one after another, as where the pool is busy."""
    threads, ratio = (
        float(value)
        for (value,) in clean.query(
            "select value from system.server_settings where name in "
            "('background_pool_size', 'background_merges_mutations_concurrency_ratio')"
        ).result_rows
    )
    slots = int(threads * ratio)
    setting = "number_of_free_entries_in_pool_to_execute_mutation"
    clean.command(f"alter table output_state modify setting {setting} = {slots}")
    yield
    clean.command(f"alter table output_state reset setting {setting}")


def test_parts_that_do_not_say_whose_they_are_go_too(clean, one_part_at_a_time):
    send(clean, traces_of("zoe"))
    whose = (
        "select _part, countIf(subject = '') > 0 as unsaid, countIf(subject != '') > 0 as said "
        "from output_state group by _part order by _part"
    )
    # the part that does not say it comes last
    assert [row[1:] for row in clean.query(whose).result_rows] == [(0, 1), (0, 1), (1, 0)]
    erase(clean, "zoe")
    assert not clean.query("select * from output_state").result_rows


def test_nobody_is_not_a_person(clean):
    with pytest.raises(ValueError, match="empty"):
        erase(clean, "")


@pytest.mark.slow
def test_a_late_row_brings_nothing_back_that_a_second_run_does_not_find(clean):
    rows = traces_of("zoe")
    insert(clean, rows)
    erase(clean, "zoe")
    insert(clean, rows[:1])
    assert erase(clean, "zoe")["output_state"] == 1
    assert clean.query("select count() from output_state").result_rows == [(0,)]


def test_the_command_line_names_a_person_as_the_service_does(clean, settings, monkeypatch, capsys):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STATE_DIR", str(settings.state_dir / "elsewhere"))
    arguments = ["erase", "--store", settings.store, "--subject", "zoe"]
    assert main(arguments) == 1
    assert "OTEL_AI_FEEDBACK_KEY" in capsys.readouterr().err

    key = "k" * 32
    monkeypatch.setenv("OTEL_AI_FEEDBACK_KEY", key)
    insert(clean, [llm_span("a", ai_feedback__subject=hash_subject("zoe", key.encode()))])
    assert main([*arguments, "--dry-run", "--json"]) == 0
    assert '"output_state": 1' in capsys.readouterr().out
    assert main(arguments) == 0
    client = store.connect(settings.store)
    assert client.query("select count() from outputs").result_rows == [(0,)]
    client.close()
