"""28 days of traffic through the real store: outputs, actions, edits, re-asks, labels, changes."""

from datetime import datetime, timedelta, timezone

from raw_rows import T0, action_span, event, insert, llm_span, output_id

from alerts.worlds import judge, label
from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS
from otel_ai_feedback.capture.text.sketch import sketch
from otel_ai_feedback.review import draw
from otel_ai_feedback.store import jobs, kept, references

DAYS = 28
A_DAY = 12
QUESTIONS = (
    "How do I send back a pair of shoes that I bought last week?",
    "Which of your insurance policies covers a stolen bicycle abroad?",
)
DAY = 86_400
READ = 21 * A_DAY  # place of an output that was copied, sampled and read
END = datetime.fromtimestamp(T0 / 10**9, timezone.utc) + timedelta(days=DAYS)


def replay(client):
    """Fill an emptied store.

    Returns:
        The ids of all outputs.
    """
    spans, ids = [], []
    for day in range(DAYS):
        for number in range(A_DAY):
            name = f"{day}-{number}"
            at = day * DAY + number * 1200
            resource = {
                "service.version": "2" if day >= 14 else "1",
                "ai_feedback.sampling.ratio": "1",
            }
            spans.append(
                llm_span(
                    name,
                    at=at,
                    handle="response",
                    resource=resource,
                    error=number == 11,
                    gen_ai__response__model=("small", "large")[number % 2],
                    gen_ai__conversation__id=f"c{day}-{number // 3}",
                    ai_feedback__prompt__version="p2" if day >= 20 else "p1",
                )
            )
            ids.append(output_id(name))
            details = {"ai_feedback__input__sketch": sketch(QUESTIONS[number % 2], b"k" * 32)}
            spans.append(event(EVENT_OUTPUT_DETAILS, name, at=at, resource=resource, **details))
            tone = {
                "gen_ai__evaluation__name": "tone",
                "gen_ai__evaluation__score__value": str(number / 12),
            }
            spans.append(event("gen_ai.evaluation.result", name, at=at, resource=resource, **tone))
            for action, value, wanted in (
                ("seen", None, True),
                ("copy", 0.9, number % 3 == 0),
                ("edit", number / 12, number % 4 == 1),
                ("close", 0.1, number % 6 == 5),
                ("accept", None, number % 5 == 2),
                ("reject", None, number % 7 == 6),
                ("rating", (-1.0, 1.0)[number % 2], number % 8 == 7),
                ("reask", 0.5, number % 9 == 8),
                ("regenerate", None, number % 10 == 9),
            ):
                if wanted:
                    spans.append(
                        action_span(
                            action, name, at=at + 3, value=value, output_at=at, resource=resource
                        )
                    )
    # neighbours of one table go in one block
    insert(client, sorted(spans, key=lambda row: row["table"]))
    tested = references.Prompt(sketch(QUESTIONS[0], b"k" * 32), len(QUESTIONS[0]))
    references.replace(client, "evals", [tested])
    jobs.run(client, END)
    # half of the days: to plan the sample of one takes a second
    draw.freeze(client, as_of=END, since=END.date() - timedelta(days=DAYS // 2))
    _read(client)
    for week in range(1, 5):
        for stratum in ("used", "none"):
            label(
                client, END - timedelta(days=DAYS + 7 * week), 12, 4, group=GROUP, stratum=stratum
            )
    judge(client, END)
    _open_incidents(client)
    # panels and rules read kept answers: they are asked once everything they rest on is there
    kept.refresh(client, END)
    return ids


GROUP = ("chat", "production", "chat")


def _open_incidents(client):
    columns = ["incident_id", "event_id", "at", "kind", "author", "source", "rule", "severity",
               "service", "environment", "feature", "owner", "acknowledge_due",
               "resolve_due"]  # fmt: skip
    opened = END - timedelta(days=2)
    due = opened + timedelta(hours=4), opened + timedelta(days=5)
    about = ["check", "signal-drift", "warning", *GROUP, "Ana"]
    rows = [["i1", "a", opened, "opened", "check", *about, *due],
            ["i1", "b", opened + timedelta(hours=1), "acknowledged", "Ana", *about, None, None],
            ["i2", "a", opened + timedelta(hours=3), "opened", "check", *about, *due]]  # fmt: skip
    client.insert("incident_events", rows, column_names=columns)


def _read(client):
    rows = client.query("select output_id, day, row_number() over (order by u) from review_draw")
    client.insert(
        "reviews",
        [
            [
                f"r {name}", name, "first", ("ann", "bob")[place % 2],
                "bad" if place % 5 == 0 else "good", ["too long"] if place % 5 == 0 else [], "",
                20.0, "1", END - timedelta(hours=1),
            ]
            for name, _, place in rows.result_rows
        ]
        + [
            [
                f"s {name}", name, "second", ("bob", "ann")[place % 2],
                "bad" if place % 6 == 0 else "good", [], "", 20.0, "1", END - timedelta(minutes=30),
            ]
            for name, _, place in rows.result_rows
        ],
    )  # fmt: skip
