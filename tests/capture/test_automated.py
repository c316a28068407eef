"""Requests of programs are known by their user agent; those of people are not taken for them."""

import pytest

from otel_ai_feedback.capture.automated import Automated, kind_of_user_agent

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
PROGRAMS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "bot",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)": "bot",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)": "bot",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)": "bot",
    "ClaudeBot/1.0": "bot",
    "facebookexternalhit/1.1": "bot",
    "Slackbot-LinkExpanding 1.0": "bot",
    "kube-probe/1.31": "health_check",
    "GoogleHC/1.0": "health_check",
    "ELB-HealthChecker/2.0": "health_check",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0)": "health_check",
    "k6/0.54.0 (https://k6.io/)": "test",
    "Apache-HttpClient/4.5 JMeter/5.6": "test",
    f"{CHROME} DatadogSynthetics": "test",
}
PEOPLE = (
    CHROME,
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/140 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "python-httpx/0.28.1",
    "curl/8.5.0",
    "okhttp/4.12.0",
    "",
)


@pytest.mark.parametrize(("user_agent", "kind"), PROGRAMS.items())
def test_programs(user_agent, kind):
    assert kind_of_user_agent(user_agent) == kind
    assert Automated().kind({"user_agent.original": user_agent}) == kind
    assert Automated().kind({"http.user_agent": user_agent}) == kind


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people(user_agent):
    assert kind_of_user_agent(user_agent) is None
    assert Automated().kind({"user_agent.original": user_agent}) is None


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"url.path": "/healthz", "http.request.method": "GET"}, "health_check"),
        ({"http.target": "/health/ready?full=1", "http.method": "HEAD"}, "health_check"),
        ({"url.path": "/health", "http.request.method": "POST"}, None),
        ({"url.path": "/health-advice", "http.request.method": "GET"}, None),
        ({"url.path": "/chat", "http.request.method": "GET"}, None),
        ({"user_agent.synthetic.type": "bot"}, "bot"),
        ({"user_agent.synthetic.type": "else"}, "test"),
        ({"user_agent.original": 7, "url.path": 7}, None),
    ],
)
def test_what_else_a_request_says(asked, kind):
    assert Automated().kind(asked) == kind


def test_the_list_of_the_team():
    own = Automated(("feature=eval-*", "user_agent=*AcmeMonitor*"))
    assert own.kind({"user_agent.original": "acmemonitor/3"}) == "bot"
    assert own.kind({"user_agent.original": CHROME}) is None


def test_a_crawlers_request_is_marked(telemetry):
    googlebot = {"user_agent.original": "Googlebot/2.1"}
    with telemetry.tracer.start_as_current_span("GET /ask", attributes=googlebot):
        telemetry.chat()
    with telemetry.tracer.start_as_current_span(
        "GET /ask", attributes={"user_agent.original": CHROME}
    ):
        telemetry.chat()
    marks = [
        (output.get("ai_feedback.probe"), output.get("user_agent.synthetic.type"))
        for output in telemetry.outputs
    ]
    assert marks == [(True, "bot"), (None, None)]
