import json
import os
import subprocess
import sys

from otel_ai_feedback.store import server_file


def test_only_its_user_can_read_it_and_it_says_who_wrote_it(tmp_path):
    path = server_file.write(tmp_path, "http://127.0.0.1:4318", "secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert server_file.read(tmp_path) == server_file.ServerFile(
        "http://127.0.0.1:4318", "secret", os.getpid()
    )
    assert list(tmp_path.iterdir()) == [path]


def test_writing_again_replaces_it(tmp_path):
    server_file.write(tmp_path, "http://127.0.0.1:1", "a")
    server_file.write(tmp_path, "http://127.0.0.1:2", "b")
    assert server_file.read(tmp_path).url == "http://127.0.0.1:2"


def test_what_a_killed_process_left_behind_does_not_count(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    entry = {"url": "http://127.0.0.1:1", "token": "t", "pid": gone.pid}
    (tmp_path / server_file.FILE_NAME).write_text(json.dumps(entry))
    assert server_file.read(tmp_path) is None
    server_file.remove(tmp_path)  # nothing of ours


def test_only_the_writer_removes_it(tmp_path):
    path = server_file.write(tmp_path, "http://127.0.0.1:1", "t")
    entry = json.loads(path.read_text())
    path.write_text(json.dumps(entry | {"pid": os.getppid()}))
    server_file.remove(tmp_path)
    assert path.exists()
    path.write_text(json.dumps(entry))
    server_file.remove(tmp_path)
    assert not path.exists()


def test_no_file_and_no_json_are_no_server(tmp_path):
    assert server_file.read(tmp_path) is None
    for content in ("", "[]", "{}", '{"url": "u", "token": "t", "pid": "x"}', '{"url"'):
        (tmp_path / server_file.FILE_NAME).write_text(content)
        assert server_file.read(tmp_path) is None
