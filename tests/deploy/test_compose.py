"""The compose files: valid, complete, and nothing in them that everyone knows."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "docker-compose.cluster.yml")


@pytest.fixture(params=FILES)
def compose(request):
    return yaml.safe_load((ROOT / request.param).read_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What deploy/secrets.sh makes, beside a copy of itself."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    root = tmp_path_factory.mktemp("made")
    (root / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy/secrets.sh", root / "deploy/secrets.sh")
    subprocess.run([script], check=True)
    return root


@pytest.mark.parametrize("file", FILES)
def test_it_is_what_the_compose_specification_allows(file):
    # the schema comes with the package, nothing is fetched
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*command, str(ROOT / file)], check=True)


def test_every_image_is_pinned_and_every_service_says_how_it_is(compose):
    waited_for = {
        name
        for service in compose["services"].values()
        for name, until in service.get("depends_on", {}).items()
        if until["condition"] == "service_completed_successfully"
    }
    assert waited_for == {"migrate"}
    for name, service in compose["services"].items():
        image = service["image"]
        assert re.search(r":\d+\.\d+|:local$", image), f"{name}: {image}"
        assert image.endswith(":local") == ("build" in service)
        if name in waited_for:
            assert service["restart"] == "no"
            continue
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name
        assert service["restart"] == "unless-stopped"


def test_every_file_that_is_named_is_there(compose, made):
    for name, service in compose["services"].items():
        for volume in service.get("volumes", ()):
            source, target, *mode = volume.split(":")
            if source.startswith("./"):
                assert (ROOT / source).exists(), f"{name} mounts {source}"
                assert mode == ["ro"], f"{name} may write into {source}"
            else:
                assert source in compose["volumes"], f"{name}: {source}"
            assert target.startswith("/")
        for secret in service.get("secrets", ()):
            assert secret in compose["secrets"]
        for file in service.get("env_file", ()):
            assert (made / file).is_file()
        if "build" in service:
            context = ROOT / service["build"]["context"]
            dockerfile = context / service["build"].get("dockerfile", "Dockerfile")
            for line in dockerfile.read_text().splitlines():
                if line.startswith("COPY ") and "--from" not in line:
                    for source in line.split()[1:-1]:
                        assert (context / source).exists(), f"{dockerfile} copies {source}"
    for secret in compose["secrets"].values():
        assert (made / secret["file"]).is_file(), secret


def test_only_this_machine_reaches_the_ports(compose):
    for service in compose["services"].values():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), port


def test_configurations_of_the_collector_find_what_they_ask_for(compose, made):
    for service in compose["services"].values():
        configs = [v for v in service.get("volumes", ()) if "collector-config/" in v]
        if not configs:
            continue
        given = set(service["environment"])
        for file in service["env_file"]:
            lines = (made / file).read_text().splitlines()
            given |= {line.partition("=")[0] for line in lines}
        for volume in configs:
            text = (ROOT / volume.partition(":")[0]).read_text()
            asked = set(re.findall(r"\$\{env:(\w+)\}", text))  # without a default
            assert asked <= given, asked - given


def test_no_password_is_in_the_repository():
    for file in (*FILES, *(p for p in (ROOT / "deploy").rglob("*") if p.is_file())):
        text = (ROOT / file).read_text()
        for name, value in re.findall(
            r"(?i)(password|secret(?!name:)|token)\w*[=:] *[\"']?([\w-]{6,})", text
        ):
            pytest.fail(f"{file}: {name} {value}")
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_secrets_are_long_different_and_stay(made):
    folder = made / "secrets"
    passwords = {
        n: (folder / f"clickhouse_{n}").read_text().strip()
        for n in ("admin", "collector", "grafana", "serve")
    }
    assert len(set(passwords.values())) == 4
    assert all(len(password) == 48 for password in passwords.values())
    users = ElementTree.parse(folder / "clickhouse_users.xml").getroot()
    assert users.findtext("admin_password") == sha256(passwords["admin"].encode()).hexdigest()
    # Nothing but what migrates is given the admin's password.
    for file in ("server.env", "collector.env"):
        assert passwords["admin"] not in (folder / file).read_text()
    assert oct((folder / "clickhouse_admin").stat().st_mode & 0o777) == "0o600"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    subprocess.run([made / "deploy/secrets.sh"], check=True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("file", sorted((ROOT / "deploy/clickhouse").glob("*.xml")))
def test_configurations_of_clickhouse_can_be_read(file, made):
    tree = ElementTree.parse(file)
    included = ElementTree.parse(made / "secrets/clickhouse_users.xml").getroot()
    for element in tree.iter():
        if "incl" in element.attrib:
            assert included.find(element.attrib["incl"]) is not None, element.attrib["incl"]


def test_each_user_gets_a_role_and_the_given_password(compose, made):
    """What ``migrate`` makes is what the others sign in with."""
    service = compose["services"]["migrate"]
    users = dict(
        argument.removeprefix("--user=").partition(":")[::2]
        for argument in service["command"]
        if argument.startswith("--user=")
    )
    assert set(users) == {"writer=collector", "server=serve", "grafana=grafana"}
    for file in users.values():
        secret = file.removeprefix("/run/secrets/")
        assert secret in service["secrets"]
        assert (made / compose["secrets"][secret]["file"]).is_file()
    assert service["env_file"] == ["secrets/migrate.env"]
    stored = (made / "secrets/clickhouse_serve").read_text().strip()
    assert f"http://serve:{stored}@" in (made / "secrets/server.env").read_text()
    for other in compose["services"].values():
        assert other is service or "secrets/migrate.env" not in other.get("env_file", ())
    configured = ElementTree.parse(ROOT / "deploy/clickhouse/users.xml").find("users")
    assert [user.tag for user in configured] == ["default", "admin"]
    assert configured.find("default").get("remove") == "remove"


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").rglob("*.sh")))
def test_scripts_can_be_read(script):
    subprocess.run(["sh", "-n", script], check=True)
