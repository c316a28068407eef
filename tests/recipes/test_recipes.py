"""What docs/other-languages.md gives to copy compiles, and makes what this package makes."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docs.pages import blocks
from otel_ai_feedback.capture.linking.handles import verify
from otel_ai_feedback.capture.text.hashing import derive_key, hash_text

# Maven fetches what a service has the first time.
pytestmark = [pytest.mark.packages, pytest.mark.timeout(600)]
HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"
PAGE = "docs/other-languages.md"
CAPTURE = json.loads((VECTORS / "capture.json").read_text())
SECRET = CAPTURE["secret"]
ANSWER = "Paris is the\ncapital."


def run(*command, cwd, given=None):
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, input=given, capture_output=True, text=True,
        timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(language, directory):
    """The page's blocks in a language as files, each named after its class."""
    found = []
    for block in blocks(language):
        if block.page == PAGE and not block.not_run:
            name = re.search(r"public (?:final|sealed) class (\w+)", block.text)[1]
            found.append(directory / f"{name}.{language.removesuffix('harp')}")
            found[-1].write_text(block.text)
    assert found
    return found


def units(text):
    """A text as its UTF-16 code units in hexadecimal."""
    return text.encode("utf-16-be", "surrogatepass").hex()


def texts():
    for vector in json.loads((VECTORS / "normalisation.json").read_text()):
        if "repeat" in vector:
            yield vector["repeat"]["unit"] * vector["repeat"]["count"], vector["length"]
        elif "utf16" in vector:
            found = b"".join(unit.to_bytes(2, "big") for unit in vector["utf16"])
            yield found.decode("utf-16-be", "surrogatepass"), vector["length"]
        else:
            yield vector["text"], vector["length"]


def questions():
    """Each line that a recipe is asked, and its answer."""
    for text, length in texts():
        yield f"hash\t{units(text)}", hash_text(text, SECRET.encode())
        yield f"length\t{units(text)}", str(length)
    for vector in CAPTURE["hashes"]:
        yield f"hash\t{units(vector['text'])}", vector["keyed"]
    for name, expected in CAPTURE["subjects"].items():
        yield f"subject\t{units(name)}", expected
    for purpose, key in CAPTURE["keys"].items():
        yield f"derived\t{units(purpose)}", key
    for vector in CAPTURE["handles"]:
        if vector["kind"] == "output":
            named = (vector["traceId"], vector["spanId"], vector["time"])
            sampled = str(vector["sampled"]).lower()
            yield "\t".join(map(str, ("handle", *named, sampled))), vector["handle"]
    for vector in CAPTURE["action_ids"]:
        given = (vector[name] for name in ("identity", "name", "given"))
        yield "\t".join(("action", *map(units, given))), vector["id"]


def holds(out):
    found = out.splitlines()
    asked = list(questions())
    assert len(asked) > 50
    assert found == [expected for _, expected in asked]


@pytest.fixture(scope="module")
def java(tmp_path_factory):
    """``java(main)``: what a program prints, beside the classes of the page."""
    for command in ("mvn", "javac"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not installed")
    directory = tmp_path_factory.mktemp("java")
    sources = [*written("java", directory), *HERE.glob("*.java")]
    path = directory / "classpath"
    plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
    run("mvn", "-q", "-B", "-f", HERE / "pom.xml", plugin, f"-Dmdep.outputFile={path}", cwd=HERE)
    classes = f"{path.read_text()}:{directory}"
    run("javac", "-Werror", "-cp", classes, "-d", directory, *sources, cwd=directory)

    def java(main, given=None):
        return run("java", "-cp", classes, f"feedback.{main}", SECRET, cwd=directory, given=given)

    return java


def asked():
    return "".join(f"{line}\n" for line, _ in questions())


def test_java_makes_the_vectors(java):
    holds(java("Vectors", asked()))


def test_the_advisor_tags_answers_and_hands_out_their_handles(java):
    lines = [line.partition(" ") for line in java("Chat").splitlines() if " " in line]
    request = next(rest for what, _, rest in lines if what == "request")
    for what in ("whole", "stream"):
        said = dict(pair.split("=", 1) for one, _, rest in lines if one == what for pair in [rest])
        handle, span, status = re.fullmatch(
            r"(\S+) span=(\S+) status=(\S+)", said.pop("handle")
        ).groups()
        time = int(said["ai_feedback.output.time"])
        named = verify(handle, derive_key(SECRET.encode(), b"handle"), time)
        assert (f"{named.span_id:016x}", named.time, named.kind) == (span, time, "output")
        assert said["ai_feedback.output.hash"] == hash_text(ANSWER, SECRET.encode())
        assert said["ai_feedback.output.length"] == str(len(ANSWER))
        assert said["ai_feedback.handle.kind"] == "output"
        assert said["ai_feedback.request.span_id"] == request
        assert said["gen_ai.operation.name"] == "chat"
        assert status == "UNSET"
    failed = [rest for what, _, rest in lines if what == "refused"]
    assert "error.type=java.lang.IllegalStateException" in failed
    assert failed[0].endswith("status=ERROR")


def test_csharp_makes_the_vectors(tmp_path):
    if shutil.which("mcs") is None:
        pytest.skip("Mono's C# compiler is not installed")
    sources = [*written("csharp", tmp_path), HERE / "Vectors.cs"]
    program = tmp_path / "vectors.exe"
    run("mcs", "-warnaserror", f"-out:{program}", *sources, cwd=tmp_path)
    holds(run("mono", program, SECRET, cwd=tmp_path, given=asked()))
