"""The dashboards on serve's own pages, rendered from the JSON that Grafana gets."""

import re
from datetime import datetime, timedelta, timezone
from html import unescape

import pytest
from starlette.datastructures import QueryParams

from otel_ai_feedback.alerts.macros import ALL
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.alerts.webhook import slug
from otel_ai_feedback.grafana.charts import files
from otel_ai_feedback.grafana.charts.choices import Choices
from otel_ai_feedback.grafana.charts.definitions import dashboards
from otel_ai_feedback.grafana.charts.frames import frame

from .corpus import END, READ

# The first test waits for the replay, which a busy machine takes minutes for.
pytestmark = pytest.mark.timeout(1200)

RANGE = (
    f"from={round((END - timedelta(days=28)).timestamp() * 1000)}"
    f"&to={round(END.timestamp() * 1000)}"
)


def test_the_index_leads_to_every_dashboard(web):
    page = web.get("/charts").text
    for name, board in dashboards().items():
        assert f'href="/charts/{name}"' in page
        assert board["title"] in page
    assert 'href="/charts" aria-current="page"' in page


@pytest.mark.parametrize("name", ["overview", "signals", "compare"])
def test_a_dashboard_is_complete_without_a_script(outputs, web, name):
    answer = web.get(f"/charts/{name}?{RANGE}")
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    page = unescape(answer.text)
    assert "style=" not in page
    assert "<script" not in page
    assert '<svg class="chart plot"' in page
    for panel in dashboards()[name]["panels"]:
        assert f'id="{slug(panel["title"])}"' in page
        assert re.sub("`(.+?)`", r"<code>\1</code>", panel["description"]) in page
    assert "does not answer" not in page
    assert "release 2" in page
    # what a point links to is the page with its rows
    links = re.findall(r'href="(/charts/output\?[^"]*var-day=\d+[^"]*)"', page)
    assert links
    behind = web.get(links[0])
    assert behind.status_code == 200
    assert re.search(r'href="/charts/output\?[^"]*var-output_id=[0-9a-f]{32}-', behind.text)


def test_names_are_those_of_the_other_pages(outputs, web):
    page = unescape(web.get(f"/charts/signals?{RANGE}").text)
    labels = re.findall(r"<label>([^<\n]+)", page)
    assert labels == ["Service", "Environment", "Feature", "Model", "Release", "Signal", "Days"]
    assert '<option value="reasked">asked again</option>' in page
    assert ">reasked<" not in page


def test_one_output(outputs, web):
    page = web.get(f"/charts/output?{RANGE}&var-output_id={outputs[READ]}").text
    assert outputs[READ] in page
    assert "copy" in page


def test_an_unknown_dashboard_or_runbook_is_404(web):
    for path in ("/charts/nope", "/runbooks/nope", "/runbooks/..%2Fcli", "/charts-files/x.js"):
        assert web.get(path).status_code == 404


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_alert_has_a_runbook_to_open(web, rule):
    answer = web.get(f"/runbooks/{rule.name}")
    assert answer.status_code == 200
    assert rule.name in answer.text


def test_hostile_choices_stay_text(outputs, web):
    evil = "x') or 1=1 union all select value, value from settings -- $__dateFilter(' ) <b>"
    answer = web.get("/charts/review", params={"var-service": evil})
    assert answer.status_code == 200
    assert "does not answer" not in answer.text
    assert "<b>" not in answer.text


def test_files_are_named_by_their_content(web):
    address = files.address("charts.css")
    assert re.fullmatch(r"/charts-files/charts\.css\?[0-9a-f]{12}", address)
    answer = web.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


PANEL = {
    "type": "timeseries",
    "title": "T",
    "fieldConfig": {
        "defaults": {"unit": "percentunit", "custom": {"insertNulls": 1.5 * 86_400_000}},
        "overrides": [
            {
                "matcher": {"id": "byRegexp", "options": "/^n\\b/"},
                "properties": [{"id": "unit", "value": "none"}],
            },
            {
                "matcher": {"id": "byRegexp", "options": ".*"},
                "properties": [
                    {
                        "id": "links",
                        "value": [
                            {
                                "url": "/d/x-output/output?${service:queryparam}&from=${__from}"
                                "&var-signal=${__field.labels.series}&var-day=${__value.time}"
                            }
                        ],
                    }
                ],
            },
        ],
    },
}


def choices(query=""):
    now = datetime(2026, 3, 20, tzinfo=timezone.utc)
    return Choices.parse(dashboards()["overview"], QueryParams(query), now)


def test_long_rows_become_columns_and_a_missing_day_is_a_gap():
    day = datetime(2026, 3, 1)  # noqa: DTZ001 - as the store answers
    rows = [
        {"time": day, "series": "a b", "rate": 0.5, "n": 4},
        {"time": day, "series": "c", "rate": 0.25, "n": 8},
        {"time": day + timedelta(days=1), "series": "c", "rate": 0.2, "n": 5},
        {"time": day + timedelta(days=4), "series": "c", "rate": 0.1, "n": 5},
    ]
    made = frame(PANEL, rows, choices("var-service=it's&var-service=x"))
    assert [(c.name, c.unit, c.draw) for c in made.columns] == [
        ("time", "time", ""),
        ("rate a b", "percentunit", "main"), ("n a b", "none", "told"),
        ("rate c", "percentunit", "main"), ("n c", "none", "told"),
    ]  # fmt: skip
    values = [[cell.value for cell in row][1:] for row in made.rows]
    assert values == [
        [0.5, 4, 0.25, 8], [None, None, 0.2, 5], [None] * 4, [None, None, 0.1, 5]
    ]  # fmt: skip
    assert made.rows[0][1].link == (
        "/charts/output?var-service=it%27s&var-service=x&from=1766707200000"
        "&var-signal=a%20b&var-day=1772323200000"
    )


def test_one_arm_is_chosen_and_the_newest_without_a_choice():
    now = datetime(2026, 3, 20, tzinfo=timezone.utc)
    board = dashboards()["compare"]
    nothing = Choices.parse(board, QueryParams(""), now).values
    assert (nothing["by"], nothing["arm_a"], nothing["arm_b"]) == (
        "release", "(previous)", "(newest)"
    )  # fmt: skip
    query = QueryParams("var-by=model&var-arm_a=x&var-arm_a=y&var-arm_b=$__all")
    chosen = Choices.parse(board, query, now).values
    assert (chosen["by"], chosen["arm_a"], chosen["arm_b"]) == ("model", "x", "(newest)")


def test_nonsense_is_as_if_not_chosen():
    chosen = choices("var-service=All&days=3&from=9&to=nope")
    assert chosen.values["service"] == ALL
    assert chosen.days == 84
    assert choices("from=10&to=5").days == 84
    assert choices("from=99999999999999999999&to=999999999999999999999").days == 84
