import re
import time

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from otel_ai_feedback.intervals import BucketCounts, Proportion
from otel_ai_feedback.serve.app import _healthy
from otel_ai_feedback.store import facts
from otel_ai_feedback.store.rates import Rate

from . import otlp

DAY = 24 * otlp.HOUR
NOON = 1_795_003_200_000_000_000


@pytest.fixture(scope="module")
def traffic(engine, wiped, post, server):
    """40 outputs of two models on three days, with a day between; one of the models is copied."""
    spans = []
    noon = time.time_ns() // DAY * DAY - DAY + 12 * otlp.HOUR
    for number in range(1, 41):
        start = noon - (0, 1, 3)[number % 3] * DAY + number * 1_000_000_000
        model = ("good", "bad")[number % 2]
        # one user each: users, not answers, are what a rate is as precise as
        own = {"gen_ai.conversation.id": f"conversation-{number}"}
        target = otlp.output(number, model=model, start=start, failed=number == 40, **own)
        spans += [target, otlp.action(number, target, "seen", after=0.2)]
        if model == "good" and number < 40:
            spans.append(otlp.action(1000 + number, target, "copy", amount=1.0))
    wiped(engine)
    post(*spans)
    server.run_jobs()
    return spans


def _page(web, path, status=200, scripts=()):
    answer = web.get(path)
    assert answer.status_code == status, answer.text
    policy = answer.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    # files of this server, as a whole tag without text of its own, or none
    assert [rule for rule in policy if rule.startswith("script-src")] == (
        ["script-src 'self'"] if scripts else []
    )
    assert re.findall(r"<script[^>]*>[^<]*</script>", answer.text) == [
        f'<script src="{script}" defer></script>' for script in scripts
    ]
    assert answer.text.count("<script") == len(scripts)
    assert "style=" not in answer.text
    return answer.text


def test_without_data_it_says_how_to_point_an_app_at_it(clean, web, server):
    for path in ("/", "/outputs"):
        page = _page(web, path, scripts=["/waiting.js"])
        assert f"export OTEL_EXPORTER_OTLP_ENDPOINT={server.url}" in page
        assert "otel_ai_feedback.instrument()" in page
    script = web.get("/waiting.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["x-content-type-options"] == "nosniff"


def test_outputs_that_are_not_counted_yet(clean, web):
    body = otlp.traces(otlp.output(start=time.time_ns() - 10**9), resource={"service.name": "chat"})
    headers = {"Content-Type": "application/x-protobuf"}
    assert web.post("/v1/traces", content=body.SerializeToString(), headers=headers).is_success
    facts.catch_up(clean)
    assert "Rates appear from" in _page(web, "/")
    assert "Pending (30 min)" in _page(web, "/outputs")


def test_rates_by_model_with_interval_and_n(traffic, web, engine):
    page = _page(web, "/")
    (buckets,) = engine.query(
        "select sumForEach(k_by_bucket), sumForEach(n_by_bucket) from signal_rates "
        "where series = 'copied'"
    ).result_rows
    rate = Proportion(BucketCounts(*buckets))
    assert (rate.counts.total_k, rate.counts.total_n) == (19, 39)
    for shown in (rate.value, rate.low, rate.high):
        assert f"{100 * shown:.1f}%" in page
    assert page.rindex(">good<") < page.rindex(">bad<")
    assert "better than the other models" in page
    assert "worse than the other models" in page
    assert "n&nbsp;39" in page


@pytest.mark.slow
def test_a_rate_says_how_far_lost_actions_could_move_it(traffic, web, post, server):
    assert "could not deliver" not in _page(web, "/")
    post(otlp.action(2000, traffic[0], "rating", amount=1.0, lost=24))
    server.run_jobs()
    page = _page(web, "/?series=copied")
    assert "could not deliver 24 user actions" in page
    assert "Safari 96.0%" in page
    # of the 39 that were seen, 19 were copied: none of the lost was a copy, or all were
    assert "between 30.2% and 100.0%" in page
    # a failure is not what a page reports
    assert "could not deliver" not in _page(web, "/?series=failed")


@pytest.mark.slow
def test_reasons_are_counted_and_shown_beside_the_action(traffic, web, post, server):
    assert "<h2>Reasons</h2>" not in _page(web, "/")
    target = traffic[0]
    post(
        otlp.action(2001, target, "rating", amount=-1.0, reason="made_up_source"),
        otlp.action(2002, traffic[2], "rating", amount=-1.0, reason="made_up_source"),
        otlp.action(2003, target, "reject", reason="<b>what a person typed"),
    )
    server.run_jobs()
    page = _page(web, "/?days=7")
    assert re.findall(
        r'<th scope="row">([^<]+)</th><td>([^<]+)</td><td class="number">([^<]+)</td>', page
    ) == [("Made up source", "rating", "2")]
    assert "<h2>Reasons</h2>" not in _page(web, "/?group=other/production/x")
    answer = _page(web, f"/outputs/{target.trace_id.hex()}-{target.span_id.hex()}")
    assert "reason: made up source" in answer
    assert "what a person typed" not in answer


def test_a_day_without_data_is_a_gap(traffic, web):
    trend = re.search(r'<svg class="chart trend".*?</svg>', _page(web, "/"), re.DOTALL)[0]
    assert len(re.findall("<circle", trend)) == 3
    assert len(re.findall("<polyline", trend)) == 1
    assert len(re.findall('class="lone"', trend)) == 1


def test_the_choices(traffic, web):
    page = _page(web, "/?model=bad&series=failed&days=7&group=chat/production/support")
    assert "bad only" in page
    assert '<option value="chat/production/support" selected>' in page
    assert "Error or empty answer." in page
    nothing = _page(web, "/?group=other/production/x")
    assert "No results for these filters" in nothing


@pytest.mark.parametrize(
    "query", ["days=-1", "days=x", "series=nope", "group=a", "group=//", "before=1-2", "class=nope"]
)
def test_choices_that_make_no_sense_are_left_out(traffic, web, query):
    _page(web, f"/?{query}")
    _page(web, f"/outputs?{query}")


def test_outputs_with_what_was_done_to_them(traffic, web):
    page = _page(web, "/outputs")
    assert page.count('<span class="chip">copied</span>') == 19
    assert page.count('<span class="class used">used</span>') == 19
    assert page.count('<span class="class failed">failed</span>') == 1
    assert _page(web, "/outputs?class=used").count("<tr>") == 20
    assert _page(web, "/outputs?class=failed&model=good").count("<tr>") == 2
    assert "No results for these filters" in _page(web, "/outputs?model=nope")


def test_one_output(traffic, web, engine):
    sql = "select output_id, conversation_id from outputs where class = 'used' limit 1"
    ((output_id, conversation),) = engine.query(sql).result_rows
    page = _page(web, f"/outputs/{output_id}")
    for expected in ("request", "answer", "seen", "copy", "matched by handle", "hmac-sha256:",
                     conversation, "100% of the text"):  # fmt: skip
        assert expected in page


def test_the_interval_is_the_stores(traffic, engine):
    stored = engine.query(
        "select k, n, k_weighted, n_weighted, n_effective, low, high from signal_rates"
    ).result_rows
    assert len(stored) > 10
    for k, n, *weighted, low, high in stored:
        rate = Rate(k, n, tuple(weighted))
        assert (rate.low, rate.high) == pytest.approx((low, high), abs=1e-12)


# From here on each test sends what it needs.


def test_older_pages_show_every_output_once(send, web):
    # Two outputs in one millisecond stand on the border between two pages.
    send(*(otlp.output(n, start=NOON + n // 2 * 1_000_000) for n in range(1, 121)))
    seen, path = [], "/outputs"
    while path:
        page = _page(web, path)
        seen += re.findall(r'href="/outputs/([0-9a-f-]+)"', page)
        older = re.search(r'href="([^"]+)">Older<', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.slow
def test_a_rare_class_is_found_beyond_the_newest_outputs(send, web):
    spans = [otlp.output(n, start=NOON + n * 1_000_000, failed=n == 1) for n in range(1, 1100)]
    # ... and on a day before them, which is reached by the link to older ones
    spans.append(otlp.output(2000, start=NOON - 500 * DAY, failed=True))
    send(*spans)
    page = _page(web, "/outputs?class=failed")
    assert page.count('<span class="class failed">') == 1
    older = re.search(r'href="([^"]+)">Older<', page)[1].replace("&amp;", "&")
    assert _page(web, older).count('<span class="class failed">') == 1


@pytest.mark.parametrize("output_id", ["0" * 32 + "-" + "0" * 16, "x", "' or 1 = 1"])
def test_an_output_that_is_not_there(clean, web, output_id):
    assert "Answer not found" in _page(web, f"/outputs/{output_id}", 404)


@pytest.mark.slow
def test_what_comes_in_is_never_markup(send, web, engine, server):
    attack = '"><script>alert(1)</script>'
    target = otlp.output(1, model=attack, **{"gen_ai.conversation.id": attack})
    send(target, otlp.action(1, target, "copy"), resource=otlp.RESOURCE | {"service.name": attack})
    server.run_jobs()
    output_id = engine.query("select output_id from outputs").result_rows[0][0]
    for path in ("/", "/outputs", f"/outputs/{output_id}"):
        assert "alert(1)" in _page(web, path)


def test_evaluations_are_on_the_answers_page_and_in_the_list(send, web):
    judged = otlp.output(1, start=time.time_ns() - 10**9)
    event = judged.events.add(name="gen_ai.evaluation.result", time_unix_nano=time.time_ns())
    event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "tone"
    event.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.25
    send(judged)
    assert "tone 0.25" in _page(web, "/outputs")
    page = _page(web, f"/outputs/{judged.trace_id.hex()}-{judged.span_id.hex()}")
    assert "Evaluations by other tools" in page
    assert re.search(r"<td>tone</td>\s*<td>judge</td>\s*<td>gen ai</td>", page)


def test_style_is_served_by_us_and_may_be_kept(web):
    answer = web.get("/style.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "max-age" in answer.headers["cache-control"]


def test_other_addresses_and_methods(web):
    assert web.get("/nothing").status_code == 404
    assert web.post("/outputs").status_code == 405
    assert web.get("/healthz").text == "ok\n"


def test_health_says_when_state_cannot_be_written(tmp_path):
    """Root may write everywhere, but not into a directory that is not there."""
    state = tmp_path / "state"
    state.mkdir()
    app = Starlette(routes=[Route("/healthz", _healthy(state))])
    with TestClient(app) as client:
        assert client.get("/healthz").text == "ok\n"
        state.rmdir()
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.text.startswith(f"the state directory {state} cannot be written by user ")
