"""The server is asked whatever its own description allows, and more, and never fails at it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from starlette.datastructures import ImmutableMultiDict

from otel_ai_feedback.serve.openapi import FORMS, QUERY
from otel_ai_feedback.triage.report_output import PATH as REPORTING
from otel_ai_feedback.triage.webhook import PATH as WEBHOOK

from . import otlp

# Names that clients of ClickHouse send; docs/serve.md says which of them are heard.
OF_CLICKHOUSE = {"user", "password", "query", "database", "default_format", "query_id", "compress"}


@pytest.fixture(scope="module")
def asked():
    """Names that the server looked for in queries and forms since the first of these tests."""
    names = set()
    with pytest.MonkeyPatch.context() as patch:
        for method in ("get", "getlist", "__getitem__"):
            plain = getattr(ImmutableMultiDict, method)

            def looked(self, name, *more, _plain=plain):
                names.add(name)
                return _plain(self, name, *more)

            patch.setattr(ImmutableMultiDict, method, looked)
        yield names


@pytest.fixture(scope="module")
def description(engine, wiped, post, web, server, asked):
    """That of a server with something to show."""
    wiped(engine)
    target = otlp.output(1)
    post(target, otlp.action(1, target, "copy", amount=1.0))
    server.run_jobs()
    answer = web.get("/openapi.json")
    assert answer.status_code == 200
    return schemathesis.openapi.from_dict(answer.json())


@pytest.mark.long
def test_no_request_makes_it_fail(description, server):
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) > 25

    def ask(case):
        answer = case.call(base_url=server.url, timeout=60, allow_redirects=False)
        if case.path == WEBHOOK and answer.status_code == 503:
            return  # there is no triage file, and Grafana is to try again
        case.validate_response(answer, checks=[not_a_server_error])

    few = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    for operation in operations:
        few(given(operation.as_strategy())(ask))()


@pytest.mark.slow
def test_what_it_looks_for_is_described(description, asked):
    known = {name for table in (QUERY, FORMS) for names in table.values() for name in names}
    assert asked - known - OF_CLICKHOUSE == set()


def test_tables_name_routes(description):
    paths = description.raw_schema["paths"]
    assert {*QUERY, *FORMS} - {REPORTING} <= set(paths)  # that one needs a triage file
    for path, operations in paths.items():
        assert operations, path
    assert set(paths["/v1/traces"]) == {"post"}
    assert {"/healthz", "/outputs/{output_id}", "/charts/{name}", "/triage/webhook"} <= set(paths)
