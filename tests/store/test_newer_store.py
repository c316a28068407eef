"""A command of an older version leaves a store alone that a newer one has migrated."""

import pytest

from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import CommandError


@pytest.mark.parametrize("read_only", [True, False])
def test_every_command_refuses_a_newer_store(engine, settings, read_only):
    with opened(settings, read_only=read_only) as client:
        assert client.query("select 1").result_rows == [(1,)]
    engine.command("insert into migrations values ('9999_newer', '', now64(3))")
    try:
        with (
            pytest.raises(CommandError, match=r"9999_newer.*upgrade this one"),
            opened(settings, read_only=read_only),
        ):
            pass
    finally:
        engine.command(
            "alter table migrations delete where name = '9999_newer'",
            settings={"mutations_sync": 2},
        )
