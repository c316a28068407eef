"""What a ``serve --json`` says when it can be asked."""

import json


def announced(process):
    """The next document that a program prints.

    Args:
        process: Its ``Popen``, with its standard output as text.

    Raises:
        AssertionError: It ended before.
    """
    lines = []
    while not lines or lines[-1] != "}\n":
        line = process.stdout.readline()
        assert line, f"it ended with {process.wait()}: {process.stderr and process.stderr.read()}"
        lines.append(line)
    return json.loads("".join(lines))
