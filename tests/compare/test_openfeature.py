"""The real hook of OpenFeature, from a flag that is evaluated to a verdict on its variants."""

import json
import subprocess

import pytest
from raw_rows import insert

from instrumentations.environments import environment

from .test_store import answers, ask, copied

PROGRAM = """
import json
from openfeature import api
from openfeature.contrib.hook.opentelemetry import TracingHook
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
api.add_hooks([TracingHook()])
client = api.get_client()
for variant in ("off", "on"):
    flag = InMemoryFlag(variant, {"on": True, "off": False})
    api.set_provider(InMemoryProvider({"new-prompt": flag}))
    with trace.get_tracer("t").start_as_current_span(variant):
        client.get_boolean_value("new-prompt", False)
print(json.dumps({
    span.name: [[event.name, dict(event.attributes)] for event in span.events]
    for span in exporter.get_finished_spans()
}))
"""


@pytest.mark.packages
@pytest.mark.timeout(900)
def test_variants_are_known_from_what_the_hook_records(clean):
    done = subprocess.run(
        [environment("experiments"), "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    recorded = json.loads(done.stdout)
    rows = []
    for variant, good in (("off", 7), ("on", 2)):
        for row in answers(variant, 60, good):
            if row["SpanName"] == "chat small":
                names, attributes = zip(*recorded[variant], strict=True)
                row |= {
                    "Events.Timestamp": [row["Timestamp"]] * len(names),
                    "Events.Name": list(names),
                    "Events.Attributes": list(attributes),
                }
            rows.append(row)
    insert(clean, rows)
    found = ask(clean, "flag", "off", "on", flag="new-prompt")
    assert (copied(found).a.counts.counted, copied(found).b.counts.counted) == (360, 360)
    assert found.sentence.startswith("on is worse than off (copied)")
