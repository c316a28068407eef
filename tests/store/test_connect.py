import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback import store
from otel_ai_feedback.store import server_file


def elsewhere(address):
    """What another process gets that opens the store."""
    script = (
        "import sys\n"
        "from otel_ai_feedback import store\n"
        "from otel_ai_feedback.store import connection\n"
        "connection._ANNOUNCEMENT_SECONDS = 1.0\n"  # it waits, and tries again, as long as that
        "try:\n"
        "    client = store.connect(sys.argv[1])\n"
        "except store.StoreError as error:\n"
        "    print('StoreError', error)\n"
        "else:\n"
        "    print('opened', client.uri)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, address], capture_output=True, text=True, check=False
    )


def test_a_store_can_be_opened_often_in_one_process(engine, settings):
    with store.connect(settings.store) as one, store.connect(settings.store + "/") as two:
        assert one.query("select currentDatabase()").result_rows == [("ai_feedback",)]
        assert two.query("select count() from outputs").result_rows
    engines = engine.query("select engine from system.databases where name = 'ai_feedback'")
    assert engines.result_rows == [("Atomic",)]


def test_read_only_means_read_only(engine, settings):
    with store.connect(settings.store, read_only=True) as client:
        assert client.query("select count() from signal_rates").result_rows
        for statement in (
            "insert into settings values ('timezone', 'UTC', now64(3))",
            "drop table output_state",
            "select * from file('/etc/passwd', LineAsString)",
            "select * from url('http://127.0.0.1:1/', LineAsString)",
            "set readonly = 0",
            "create temporary table t (a Int8)",
        ):
            with pytest.raises(DatabaseError):
                client.command(statement)


def test_a_store_that_does_not_exist_is_not_made_by_reading_it(engine, tmp_path):
    with pytest.raises(store.StoreError, match="migrate"):
        store.connect(f"chdb://{tmp_path}/nothing", read_only=True)
    assert not (tmp_path / "nothing").exists()


def test_a_second_embedded_store_in_one_process_is_refused_with_the_reason(engine, tmp_path):
    with pytest.raises(store.StoreError, match="holds only one"):
        store.connect(f"chdb://{tmp_path}/other")


def test_another_process_is_told_why_it_cannot_open_the_directory(engine, settings):
    result = elsewhere(settings.store)
    assert result.stdout.startswith("StoreError"), result.stderr
    assert "does not say where it listens" in result.stdout
    assert "otel-ai-feedback serve" in result.stdout
    assert result.stderr == ""


def test_another_process_is_told_when_the_holder_does_not_answer(engine, settings):
    directory = settings.store.removeprefix("chdb://")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server_file.write(directory, f"http://127.0.0.1:{unused.getsockname()[1]}", "t")
        try:
            result = elsewhere(settings.store)
        finally:
            server_file.remove(directory)
    assert result.stdout.startswith("StoreError"), result.stderr
    assert f"open in process {os.getpid()}, which does not answer" in result.stdout


def test_another_process_goes_to_where_the_holder_listens(engine, settings):
    asked = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.headers["Authorization"], self.path))
            self.send_error(500)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    directory = settings.store.removeprefix("chdb://")
    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server_file.write(directory, f"http://127.0.0.1:{server.server_port}", "token")
        try:
            elsewhere(settings.store)
        finally:
            server_file.remove(directory)
            server.shutdown()
    assert asked[0][0] == "Basic bG9jYWw6dG9rZW4="  # local:token


@pytest.mark.slow
def test_a_directory_left_by_a_killed_process_opens(tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\n"
            "from otel_ai_feedback import store\n"
            "from otel_ai_feedback.store import server_file\n"
            "client = store.connect('chdb://' + sys.argv[1])\n"
            "server_file.write(sys.argv[1], 'http://127.0.0.1:1', 't')\n"
            "print('up', flush=True)\n"
            "sys.stdin.read()\n",
            str(tmp_path / "s"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "up\n"
    holder.kill()
    holder.wait()
    result = elsewhere(f"chdb://{tmp_path}/s")
    assert result.stdout.startswith("opened chdb:"), result.stderr


@pytest.mark.parametrize(
    "address", ["http://user:hunter2@127.0.0.1:1/x", "https://user:hunter2@127.0.0.1:1/x"]
)
def test_a_server_that_does_not_answer_is_named_without_its_password(address):
    with pytest.raises(store.StoreError) as caught:
        store.connect(address)
    assert "127.0.0.1:1/x" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_only_known_schemes():
    with pytest.raises(store.StoreError, match="chdb:///"):
        store.connect("mysql://host/x")


@pytest.mark.slow
def test_many_that_start_together_take_turns(tmp_path):
    """Each opens the store, asks, and ends: none is turned away by another that was asking."""
    script = (
        "import sys\n"
        "from otel_ai_feedback import store\n"
        "with store.connect('chdb://' + sys.argv[1]) as client:\n"
        "    print(client.query('select 1').result_rows)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "s")]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate() for process in started] == [("[(1,)]\n", "")] * 4
