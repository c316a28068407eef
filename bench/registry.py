"""Memory and time of remembering outputs at the limit of 30,000; prints one JSON line.

Every output has a response id and a request of its own, and two share a conversation, a session and
a user: short conversations, which need the most memory. ``with_fingerprints`` gives the newest ones
answers of 2 kB, until fingerprints are at their limit too. Bytes are what Python has allocated for
all that is remembered, ids included (tracemalloc). Times are CPU microseconds.

    python bench/registry.py
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import time
import tracemalloc
from collections.abc import Callable

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.lookup import Whose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.outputs import (
    MAX_FINGERPRINTS,
    MAX_OUTPUTS,
    MAX_WAITING_TEXTS,
    Outputs,
)

# An English answer of 2,000 characters has about so many word characters.
WORD_CHARACTERS = 1500
# With as many answers the fingerprints are at their limit.
ANSWERS = 13_000
# What one round of the worker finds.
ROUND = 100


def output_of(number: int) -> Output:
    """An output with ids as long as the real ones; two make a conversation."""
    conversation = number // 2
    return Output(
        trace_id=random.getrandbits(128),
        span_id=random.getrandbits(64),
        time=1_795_464_000 + number,
        sampled=True,
        has_text=True,
        known_hash=f"hmac-sha256:{random.getrandbits(128):032x}",
        response_id=f"chatcmpl-{number:029d}",
        conversation_id=f"conversation-{conversation:023d}",
        session_id=f"session-{conversation:028d}",
        subject=f"hmac-sha256:{conversation:032x}",
        feature="support-chat",
        delivered=False,
        request_span_id=random.getrandbits(64),
    )


def text_of() -> str:
    """An answer of 2 kB that shares nothing with others."""
    return random.randbytes(WORD_CHARACTERS // 2).hex()


def fill(outputs: Outputs, count: int, with_text: int) -> None:
    """Remember that many, the newest of them with a text, filed in rounds as by the worker."""
    for number in range(count):
        outputs.remember(output_of(number), text_of() if number >= count - with_text else None)
        if number % ROUND == 0:
            outputs.index()
    outputs.index()


def memory(count: int, with_text: int, rounds: int) -> dict[str, int]:
    """Memory when that many have been remembered so many times over, with the oldest gone."""
    outputs = Outputs(time.time_ns, b"k" * 32, Guard(), max_outputs=count)
    gc.collect()
    tracemalloc.start()
    for _ in range(rounds):
        fill(outputs, count, with_text)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"bytes_per_output": held // count, "bytes": held}


def microseconds(work: Callable[[int], object], count: int) -> float:
    """CPU time of one call."""
    start = time.process_time_ns()
    for number in range(count):
        work(number)
    return round((time.process_time_ns() - start) / count / 1000, 3)


def times(count: int) -> dict[str, float]:
    """What remembering costs the application's thread, and what each look-up costs."""
    outputs = Outputs(time.time_ns, b"k" * 32, Guard(), max_outputs=count)
    made = [output_of(number) for number in range(count)]
    text = text_of()
    # The same one: in a service it has just been made, and is not fetched from cold memory.
    one = made[0]
    result = {"remember_us": microseconds(lambda n: outputs.remember(one, text), MAX_WAITING_TEXTS)}
    outputs.index()
    for each in made:
        outputs.remember(each, None)
    result["file_us"] = round(microseconds(lambda n: outputs.of_span(0, 0), 1) / count, 3)
    whose = [Whose(each.conversation_id, each.session_id, each.subject) for each in made]
    result["of_span_us"] = microseconds(
        lambda n: outputs.of_span(made[n].trace_id, made[n].span_id), count
    )
    result["of_response_us"] = microseconds(
        lambda n: outputs.of_response(made[n].response_id or ""), count
    )
    result["of_hash_us"] = microseconds(
        lambda n: outputs.of_hash(whose[n], made[n].hash or ""), count
    )
    return result


def main() -> None:
    """Fill, turn over and look up."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    count = 300 if parser.parse_args().smoke else MAX_OUTPUTS
    random.seed(1)
    result = {
        "bench": "registry",
        "python": platform.python_version(),
        "max_outputs": MAX_OUTPUTS,
        "max_fingerprints": MAX_FINGERPRINTS,
        "outputs": count,
        **times(count),
        "without_fingerprints": memory(count, 0, rounds=1),
        "without_fingerprints_later": memory(count, 0, rounds=3),
        "with_fingerprints": memory(count, min(count, ANSWERS), rounds=1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
