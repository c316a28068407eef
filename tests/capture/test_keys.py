import os
import subprocess
import sys

import pytest

from otel_ai_feedback.capture.linking.keys import load_key


def test_the_setting_wins_and_is_used_as_it_is(tmp_path):
    key = load_key("0123456789abcdef", tmp_path)
    assert (key.secret, key.shared, key.remedy) == (b"0123456789abcdef", True, None)
    assert not list(tmp_path.iterdir())


def test_the_file_is_made_once_for_its_owner_only(tmp_path):
    state = tmp_path / "new" / "state"
    key = load_key(None, state)
    assert key.shared
    assert key.remedy is None
    assert load_key(None, state) == key
    assert [file.name for file in state.iterdir()] == ["key"]
    assert (state / "key").stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700


def test_its_content_is_what_another_host_sets_as_key(tmp_path):
    key = load_key(None, tmp_path)
    assert load_key((tmp_path / "key").read_text().strip(), tmp_path).secret == key.secret


def test_workers_that_start_together_agree(tmp_path):
    program = (
        "import sys, pathlib; from otel_ai_feedback.capture.linking.keys import load_key;"
        "sys.stdin.read(); print(load_key(None, pathlib.Path(sys.argv[1])).secret.decode())"
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    for worker in workers:
        worker.stdin.close()
        worker.stdin = None
    assert len({worker.communicate()[0] for worker in workers}) == 1


@pytest.mark.parametrize("content", [b"", b"short\n"])
def test_a_broken_file_gives_a_key_of_its_own_and_a_remedy(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    one, other = load_key(None, tmp_path), load_key(None, tmp_path)
    assert not one.shared
    assert one.secret != other.secret
    assert "OTEL_AI_FEEDBACK_KEY" in one.remedy


def test_a_directory_that_cannot_be_made_gives_a_key_of_its_own(tmp_path):
    (tmp_path / "file").write_text("")
    key = load_key(None, tmp_path / "file" / "state")
    assert not key.shared
    assert "OTEL_AI_FEEDBACK_STATE_DIR" in key.remedy


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_file_that_others_can_read_is_used_and_said(tmp_path):
    key = load_key(None, tmp_path)
    (tmp_path / "key").chmod(0o644)
    again = load_key(None, tmp_path)
    assert again.secret == key.secret
    assert again.shared
    assert "chmod 600" in again.remedy


def test_the_secret_does_not_show_in_logs(tmp_path):
    assert "0123456789abcdef" not in repr(load_key("0123456789abcdef", tmp_path))
