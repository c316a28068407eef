"""The core: from a request to an answer, without any server."""

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.web.beacon import MalformedBeaconError, read
from otel_ai_feedback.capture.web.endpoint import Endpoint, HttpRequest
from otel_ai_feedback.capture.web.rates import Rates, network
from otel_ai_feedback.capture.web.script_files import script_files

NOW_NS = 1_795_464_000_000_000_000
HOUR = 3_600 * 10**9
PLAIN = {"content-type": "text/plain", "host": "app.example"}
GOOD = {"action_id": "a", "handle": "h", "action": "copy", "time": 1000}


@pytest.fixture
def taken():
    return []


@pytest.fixture
def endpoint(taken, tmp_path):
    return endpoint_with(taken, scripts=tmp_path)


def endpoint_with(taken, **settings):
    def take(beacon):
        taken.append(beacon)
        return True

    return Endpoint(take, lambda _: False, lambda: NOW_NS, **settings)


def post(endpoint, content, peer="192.0.2.1", **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    given = PLAIN | {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest("POST", "/actions", "", given, peer)
    return endpoint.before_body(request) or endpoint.take(request, body)


def beacon(*actions, sent=1000):
    return {"sent": sent, "actions": list(actions)}


def test_what_is_in_order_is_recorded(endpoint, taken):
    answer = post(endpoint, beacon(GOOD | {"value": 0.8, "checkpoint": 30, "kept_share": 0.5}))
    assert (answer.status, answer.body) == (204, b"")
    ((handle, action),) = taken[0].reported
    assert (handle, action.name, action.value, action.given_id) == ("h", "copy", 0.8, "a")
    assert (action.particulars.checkpoint, action.particulars.kept_share) == (30, 0.5)


def test_a_reason_is_one_of_the_list_or_none(endpoint, taken):
    post(endpoint, beacon(GOOD | {"reason": "outdated"}, GOOD | {"reason": "Ann said so"}))
    assert [action.particulars.reason for _, action in taken[0].reported] == ["outdated", None]
    assert taken[0].refused == ["bad_reason"]


def test_a_team_adds_reasons_of_its_own(taken, tmp_path):
    endpoint = endpoint_with(taken, scripts=tmp_path, own_reasons=lambda: frozenset({"wrong_tone"}))
    given = ("wrong_tone", "outdated", "wrong tone", ["wrong_tone"])
    post(endpoint, beacon(*(GOOD | {"reason": reason} for reason in given)))
    found = [action.particulars.reason for _, action in taken[0].reported]
    assert found == ["wrong_tone", "outdated", None, None]
    assert taken[0].refused == ["bad_reason"] * 2


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox"),
        (CHROME, "Chrome"),
        (SAFARI, "Safari"),
        (f"{CHROME} Edg/142.0.0.0", "Edge"),
        (f"{CHROME} OPR/120.0.0.0", "Opera"),
        ("curl/8", None),
    ],
)
def test_losses_come_with_the_name_of_the_browser(endpoint, taken, agent, name):
    post(endpoint, beacon(GOOD | {"lost": 3}), origin="https://a.example", host="a.example",
         user_agent=agent)  # fmt: skip
    ((_, action),) = taken[0].reported
    assert (action.particulars.lost, action.particulars.browser) == (3, name)


def test_an_api_client_is_no_browser(endpoint, taken):
    post(endpoint, beacon(GOOD), user_agent=CHROME)
    ((_, action),) = taken[0].reported
    assert action.particulars.browser is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"handle": None}, "handle_malformed"),
        ({"handle": "h" * 129}, "handle_malformed"),
        ({"handle": ""}, "unplaced"),
        ({"action_id": None}, "bad_action_id"),
        ({"action_id": ""}, "bad_action_id"),
        ({"action_id": "a" * 129}, "bad_action_id"),
        ({"action": 1}, "bad_action"),
        ({"time": "1000"}, "bad_time"),
        ({"time": True}, "bad_time"),
        ({"value": "0.8"}, "bad_value"),
        ({"value": 10**400}, "bad_value"),
        ({"checkpoint": 30.5}, "bad_value"),
        ({"method": 1}, "bad_value"),
        ({"lost": 0}, "bad_value"),
        ({"lost": 1.5}, "bad_value"),
        ({"lost": 10**7}, "bad_value"),
    ],
)
def test_a_wrong_action_is_counted_and_the_others_are_taken(endpoint, taken, entry, reason):
    assert post(endpoint, beacon(GOOD | entry, GOOD, 7)).status == 204
    assert len(taken[0].reported) == 1
    assert taken[0].refused == [reason, "bad_action"]


@pytest.mark.parametrize(
    ("sent", "at", "ago"),
    [
        (5000, 3000, 2 * 10**9),
        (3000, 5000, 0),
        (0, -8 * 86_400_000, HOUR),
        (1e308, -1e308, HOUR),
        (4e12, 4e12 - 500, 5 * 10**8),
    ],
    ids=["before", "in the future", "too long ago", "beyond reckoning", "wrong by decades"],
)
def test_the_time_is_reckoned_back_from_now(sent, at, ago):
    body = json.dumps(beacon(GOOD | {"time": at}, sent=sent)).encode()
    ((_, action),) = read(body, NOW_NS, "browser").reported
    assert action.time_ns == NOW_NS - ago


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"NaN", "NaN is not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"actions":[]}', "'sent' must be a number"),
        (b'{"sent":1e999,"actions":[]}', "'sent' must be a number"),
        (b'{"sent":1}', "'actions' must be a list"),
    ],
)
def test_a_body_that_is_not_a_beacon_is_refused(endpoint, body, why):
    answer = post(endpoint, body)
    assert answer.status == 400
    assert why in json.loads(answer.body)["error"]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_beacon_or_are_not(body):
    with suppress(MalformedBeaconError):
        read(body, NOW_NS, "api")


def test_limits(endpoint):
    assert post(endpoint, beacon(*[GOOD] * 100)).status == 204
    assert post(endpoint, beacon(*[GOOD] * 101)).status == 413
    assert post(endpoint, b" " * 65_537).status == 413
    assert post(endpoint, b"{}", content_length="65537").status == 413
    assert post(endpoint, b"{}", content_type="text/html").status == 415
    assert post(endpoint, b"{}", content_encoding="gzip").status == 415


def test_methods_and_addresses(endpoint):
    def ask(method, path):
        return endpoint.before_body(HttpRequest(method, path, "", {}, ""))

    assert ask("GET", "/actions").status == 405
    assert dict(ask("PUT", "/actions").headers)["Allow"] == "POST, OPTIONS"
    assert ask("GET", "/elsewhere").status == 404
    assert endpoint.path_below("/_ai_feedback/actions") == "/actions"
    assert endpoint.path_below("/_ai_feedbacks") is None
    assert endpoint.path_below("/chat/_ai_feedback/actions") is None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": "https://app.example"}, True),
        ({"origin": "https://APP.example"}, True),
        ({"origin": "http://app.example"}, True),
        ({"origin": "https://app.example:8443"}, False),
        ({"origin": "https://page.example"}, True),
        ({"origin": "https://page.example.evil.example"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://other.example", "sec_fetch_site": "same-origin"}, True),
    ],
)
def test_origins(taken, headers, allowed):
    endpoint = endpoint_with(taken, allowed_origins=["https://page.example"])
    answer = post(endpoint, beacon(GOOD), **headers)
    assert answer.status == (204 if allowed else 403)
    shown = dict(answer.headers).get("Access-Control-Allow-Origin")
    assert shown == (headers.get("origin") if allowed else None)
    if allowed:
        expected = "browser" if headers else "api"
        assert taken[0].reported[0].action.source == expected


def test_a_preflight_is_answered(taken):
    endpoint = endpoint_with(taken, allowed_origins=["*"])
    headers = {"origin": "https://any.example", "access-control-request-method": "POST"}
    answer = endpoint.before_body(HttpRequest("OPTIONS", "/actions", "", headers, ""))
    assert answer.status == 204
    assert dict(answer.headers)["Access-Control-Allow-Headers"] == "Content-Type"
    assert dict(answer.headers)["Access-Control-Allow-Origin"] == "https://any.example"


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"prefix": "feedback"}, "prefix"),
        ({"prefix": "/feedback/"}, "prefix"),
        ({"trusted_proxies": -1}, "trusted_proxies"),
        ({"allowed_origins": "https://page.example"}, "must be a list"),
        ({"allowed_origins": ["page.example"]}, "'page.example' is not an origin"),
        ({"allowed_origins": ["https://page.example/path"]}, "is not an origin"),
    ],
)
def test_wrong_settings_are_named(taken, setting, why):
    with pytest.raises(ValueError, match=why):
        endpoint_with(taken, **setting)


def test_one_client_may_send_so_much_and_others_go_on(taken):
    endpoint = endpoint_with(taken, rates=Rates(burst=2, per_second=0.01))
    statuses = [post(endpoint, beacon(GOOD)).status for _ in range(3)]
    assert statuses == [204, 204, 429]
    refused = post(endpoint, beacon(GOOD))
    assert 90 < int(dict(refused.headers)["Retry-After"]) <= 100
    assert post(endpoint, beacon(GOOD), peer="192.0.2.2").status == 204


def test_one_client_may_report_so_many_actions_and_others_go_on(taken):
    endpoint = endpoint_with(taken)
    full = beacon(*(GOOD | {"handle": f"h{number}"} for number in range(100)))
    assert [post(endpoint, full).status for _ in range(3)] == [204, 204, 429]
    assert post(endpoint, full, peer="192.0.2.2").status == 204


def test_one_action_on_one_answer_many_times_in_a_beacon_is_no_page_of_ours(endpoint, taken):
    for many, status in ((20, 204), (21, 400)):
        alike = [GOOD | {"action_id": f"a{number}"} for number in range(many)]
        assert post(endpoint, beacon(*alike)).status == status
    assert len(taken) == 1


def test_behind_proxies_the_client_is_whom_the_first_trusted_one_saw(taken):
    endpoint = endpoint_with(taken, trusted_proxies=2, rates=Rates(burst=1, per_second=0.01))

    def status(forwarded):
        return post(endpoint, beacon(GOOD), x_forwarded_for=forwarded).status

    assert status("claimed, 198.51.100.1, 10.0.0.1") == 204
    assert status("claimed otherwise, 198.51.100.1, 10.0.0.2") == 429
    assert status("198.51.100.2, 10.0.0.1") == 204


def test_buckets_fill_again_and_only_so_many_are_kept():
    rates = Rates(burst=1, per_second=2, max_clients=3)
    assert [rates.take("a", 0), rates.take("a", 0), rates.take("a", 5 * 10**8)] == [0, 1, 0]
    for number in range(10):
        rates.take(str(number), 0)
    assert len(rates) == 3


def test_an_ipv6_host_is_one_client_by_whatever_of_its_addresses():
    assert network("2001:db8::1") == network("2001:db8::ffff:2")
    assert network("2001:db8::1") != network("2001:db8:0:1::1")
    assert network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("unix:") == "unix:"


def test_script_files_are_cached_until_they_change(taken, tmp_path):
    code = b"export const feedback = 1;\n" * 20
    (tmp_path / "feedback.js").write_bytes(code)
    endpoint = endpoint_with(taken, scripts=tmp_path)

    def get(query="", method="GET", **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return endpoint.before_body(HttpRequest(method, "/feedback.js", query, given, ""))

    answer, headers = get(), dict(get().headers)
    assert (answer.status, answer.body) == (200, code)
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=3600"
    version = script_files(tmp_path)["feedback.js"].version
    assert "immutable" in dict(get(f"v={version}").headers)["Cache-Control"]
    assert get(if_none_match=headers["ETag"]).status == 304
    assert get(if_none_match='"other", W/' + headers["ETag"]).status == 304
    compressed = get(accept_encoding="br, gzip")
    assert gzip.decompress(compressed.body) == code
    assert dict(compressed.headers)["Content-Encoding"] == "gzip"
    assert dict(compressed.headers)["ETag"] != headers["ETag"]
    head = get(method="HEAD")
    assert (head.body, dict(head.headers)["Content-Length"]) == (b"", str(len(code)))
    assert get(method="POST").status == 405
    missing = HttpRequest("GET", "/feedback-auto.js", "", {}, "")
    assert endpoint.before_body(missing).status == 404
