"""Without any extra: an output gets its hash, the doctor runs, and no extra is loaded."""

import json
import subprocess
import sys
from pathlib import Path

from opentelemetry.sdk.trace import TracerProvider

import otel_ai_feedback
from otel_ai_feedback.config import load

work = Path(sys.argv[1])
extras = {"clickhouse_connect", "chdb", "starlette", "jinja2", "redis", "yaml", "numpy"}
assert not extras & {name.partition(".")[0] for name in sys.modules}, "importing it loads an extra"

provider = TracerProvider()
settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(work)}, directory=work)
otel_ai_feedback.instrument(provider, settings=settings)
with provider.get_tracer("exercise").start_as_current_span("chat") as span:
    span.set_attribute("gen_ai.operation.name", "chat")
    parts = [{"type": "text", "content": "An answer."}]
    message = json.dumps([{"role": "assistant", "parts": parts, "finish_reason": "stop"}])
    span.set_attribute("gen_ai.output.messages", message)
assert span.attributes["ai_feedback.output.hash"].startswith("hmac-sha256:"), span.attributes
handle = otel_ai_feedback.output_handle(span)
assert otel_ai_feedback.record_action(handle, "copy", 0.5)

program = Path(sys.executable).with_name("otel-ai-feedback")
version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
assert version.stdout == f"otel-ai-feedback {otel_ai_feedback.__version__}\n", version.stdout
doctor = subprocess.run(
    [program, "doctor", "--json", "--no-probe", "--store", f"chdb://{work}/none"],
    capture_output=True, text=True, check=False,
)  # fmt: skip
states = {found["check"]: found["state"] for found in json.loads(doctor.stdout)["findings"]}
assert states["output.hash"] == states["output.link"] == "ok", states
assert not [check for check in states if check.endswith(".unexpected")], doctor.stdout
