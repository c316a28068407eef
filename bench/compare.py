"""Two prompt versions in a store of its own: the verdict, and how long it takes.

Users are split by chance, ask more or less often and copy more or less; version 4 is copied six
points more often. The page docs/compare.md shows what it prints; the last line is JSON.

    python bench/compare.py                    the example of the page, 4,000 users
    python bench/compare.py --users 40000      so many users, about 10 answers each
    python bench/compare.py --facts --users 1000000
                                               as facts at once, 10 million answers: seconds of a
                                               comparison alone, as the page asks for it
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import date, datetime, timezone
from functools import partial
from pathlib import Path

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import cli, store
from otel_ai_feedback.compare.arms import Arms
from otel_ai_feedback.compare.comparison import Question, compare
from otel_ai_feedback.config import load
from otel_ai_feedback.store import jobs, rollups
from otel_ai_feedback.store.ask import ask

_USERS = 4000
_FIRST = "2025-11-03"
_LAST = "2025-11-30"
_DAYS = 28

# A user is a number; what is random about a user or an answer is a hash of it.
_ANSWERS = """
select
    users.number as user,
    i as answer,
    sipHash64(1, user) % 2 as in_b,
    -- from 1 to 40 answers, most users few; habits from 0 to .6, by the square of a chance
    pow(sipHash64(2, user) / pow(2, 64), 2) * .9 as habit,
    toDateTime64('{first} 00:00:00', 9, 'UTC')
        + toIntervalSecond(sipHash64(3, user, i) % ({days} * 86400)) as at,
    leftPad(lower(hex(sipHash64(4, user, i))), 32, '1') as trace_id,
    lower(hex(sipHash64(5, user, i))) as span_id,
    sipHash64(6, user, i) / pow(2, 64) < least(1, habit + .06 * in_b) as copied
from numbers({users}) as users
array join range(toUInt32(1 + 40 * pow(sipHash64(7, users.number) / pow(2, 64), 3))) as i
"""
_SPANS = """
insert into otel_traces
    (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
     SpanAttributes, Duration, StatusCode)
select
    at, trace_id, span_id, 'chat', 'Client', 'chat',
    map('service.name', 'chat', 'ai_feedback.backfill', 'true'),
    map(
        'gen_ai.operation.name', 'chat',
        'ai_feedback.output.time', toString(toUnixTimestamp(at)),
        'ai_feedback.request.span_id', span_id,
        'ai_feedback.request.seq', '1',
        'ai_feedback.output.length', '400',
        'ai_feedback.output.hash', concat('sha256:', trace_id),
        'ai_feedback.handle.kind', 'output',
        'ai_feedback.prompt.version', if(in_b, '4', '3'),
        'ai_feedback.subject', toString(user)
    ),
    2000000000, 'Unset'
from ({answers})
"""
_COPIES = """
insert into otel_traces
    (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
     SpanAttributes, Duration, StatusCode, Links.TraceId, Links.SpanId, Links.TraceState,
     Links.Attributes)
select
    at + interval 5 second, reverse(trace_id), reverse(span_id), 'ai_feedback copy', 'Internal',
    'chat', map('service.name', 'chat', 'ai_feedback.backfill', 'true'),
    map(
        'ai_feedback.action.name', 'copy',
        'ai_feedback.action.id', reverse(trace_id),
        'ai_feedback.action.source', 'browser',
        'ai_feedback.link.method', 'handle',
        'ai_feedback.output.time', toString(toUnixTimestamp(at)),
        'ai_feedback.action.value', '1'
    ),
    0, 'Unset', [trace_id], [span_id], [''], [map()]
from ({answers})
where copied
"""
# The same answers as facts, for so many that sending them would take an hour.
_FACTS = """
insert into output_facts
    (output_day, trace_id, span_id, day, previous_day, service, environment, feature, model,
     prompt_version, started, ended, asked_at, matured_at, subject, bucket, request_span_id,
     output_hash, output_length, weight, named, last_with_text, done, arrived, present, content,
     written_at)
select
    toDate(at), trace_id, span_id, toDate(at), toDate(at), 'chat', '', 'chat', 'small',
    if(in_b, '4', '3'), at, at + interval 2 second, at,
    toDateTime64(at, 3, 'UTC') + interval 40 minute, toString(user),
    sipHash64(toString(user)) % 64, span_id, concat('sha256:', trace_id), 400, 1, true, true,
    if(copied, map('copied', toDateTime64(at, 3, 'UTC') + interval 5 second), map()),
    now('UTC'), true, answer, now64(6, 'UTC')
from ({answers})
where user % {slices} = {slice}
"""
_SLICES = 10


def main() -> None:
    """Fill a store, ask, and print what it says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=_USERS)
    parser.add_argument("--facts", action="store_true", help="fill facts, ask in this process")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    users = 200 if options.smoke else options.users
    seconds = []
    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        answers = _ANSWERS.format(first=_FIRST, days=_DAYS, users=users)
        if options.facts:
            for part in range(_SLICES):
                filled = _FACTS.format(answers=answers, slices=_SLICES, slice=part)
                client.command(filled, settings={"max_partitions_per_insert_block": 0})
            now = datetime.now(timezone.utc).replace(tzinfo=None)
            rollups.refresh(rollups.begin(client, now))
            print(json.dumps({"bench": "compare", "users": users} | _alone(client)))
            return
        for text in (_SPANS, _COPIES):
            client.command(text.format(answers=answers))
        jobs.run(client)
        client.close()
        for last, days in (("2025-11-12", 28), (_LAST, 28)):
            command = [
                "compare", "--store", settings.store, "--service", "chat",
                "--by", "prompt_version", "--a", "3", "--b", "4",
                "--since", _FIRST, "--until", last, "--days", str(days), "--signal", "copied",
                "--split", ".5",
            ]  # fmt: skip
            began = time.perf_counter()
            print(f"--until {last}")
            status = cli.main(command)
            seconds.append(round(time.perf_counter() - began, 2))
            print(f"exit {status}, {seconds[-1]:.2f} s with opening the store\n")
    print(json.dumps({"bench": "compare", "users": users, "seconds_with_opening": seconds}))


def _alone(client: Client) -> dict[str, float]:
    """Seconds of a comparison over 28 days, best of five, with the CPU seconds of that one."""
    question = Question(
        Arms("chat", "prompt_version", "3", "4"),
        since=date.fromisoformat(_FIRST),
        until=date.fromisoformat(_LAST),
        as_of=datetime.now(timezone.utc),
    )
    found = []
    for _ in range(5):
        began, spent = time.perf_counter(), time.process_time()
        answer = compare(partial(ask, client), question)
        found.append((time.perf_counter() - began, time.process_time() - spent))
    print(answer.sentence)
    seconds, spent = min(found)
    (copied,) = (one for one in answer.measures if one.measure.name == "copied")
    return {
        "answers": copied.a.counts.counted + copied.b.counts.counted,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(spent, 3),
    }


if __name__ == "__main__":
    main()
