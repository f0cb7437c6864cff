"""Commands are run to their end: exit codes, signals, descendants."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genesys_cloud_sandbox import process
from genesys_cloud_sandbox.process import run_to_end, signals_held

RUNNER = """
import os, signal, sys
from genesys_cloud_sandbox import process
for number in process.ENDING:
    # Whoever runs the tests may ignore it, as nohup does: no shell could trap it then.
    signal.signal(number, signal.SIG_DFL)
process.GRACE_SECONDS = process.AGAIN_SECONDS = 1
print("code", process.run_to_end(sys.argv[1:], os.environ), flush=True)
"""


def lives(process: int) -> bool:
    """Tell whether the process exists and is more than an entry to be buried."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text("latin-1")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "XZ"


def start(*command: str) -> subprocess.Popen[str]:
    """Start a program that runs the command to its end and prints the code."""
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, *command],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def line_from(process: subprocess.Popen[str]) -> str:
    """Return the next line that the program prints."""
    assert process.stdout
    return process.stdout.readline().strip()


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143)],
)
def test_exit_codes_are_those_of_a_shell(script: str, code: int) -> None:
    """The command's own code, or 128 + N for signal N."""
    assert run_to_end(["sh", "-c", script], os.environ) == code


def test_a_missing_command_is_127(capfd: pytest.CaptureFixture[str]) -> None:
    """Not on PATH: said in one line."""
    assert run_to_end(["no-such-command"], os.environ) == 127
    assert capfd.readouterr().err == "no-such-command: command not found\n"


def test_a_file_that_is_not_executable_is_126(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By its path or on PATH: said in one line."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    assert run_to_end([str(script)], os.environ) == 126
    assert run_to_end(["script"], {"PATH": str(tmp_path)}) == 126
    assert capfd.readouterr().err.endswith("script: Permission denied\n")


def test_the_command_sees_the_given_environment_only(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Nothing leaks in from ours, and PATH is the given one."""
    assert run_to_end(["env"], {"PATH": os.environ["PATH"], "GIVEN": "yes"}) == 0
    assert set(capfd.readouterr().out.split()) == {
        "GIVEN=yes",
        f"PATH={os.environ['PATH']}",
    }


def test_previous_signal_handlers_come_back() -> None:
    """What handled signals before handles them afterwards."""
    before = [signal.getsignal(number) for number in process.ENDING]
    run_to_end(["true"], os.environ)
    assert [signal.getsignal(number) for number in process.ENDING] == before


@pytest.mark.parametrize("number", process.ENDING)
def test_a_signal_is_passed_on_and_the_command_may_finish(
    number: signal.Signals,
) -> None:
    """The command cleans up and chooses its code, and we live to return it."""
    script = f"trap 'exit 9' {number.value}; echo ready; while :; do sleep 0.05; done"
    with start("sh", "-c", script) as runner:
        assert line_from(runner) == "ready"
        runner.send_signal(number)
        assert line_from(runner) == "code 9"


def test_the_second_request_kills() -> None:
    """A command that does not listen is killed when asked once more."""
    with start("sh", "-c", "trap '' INT; echo ready; sleep 60; sleep 60") as runner:
        assert line_from(runner) == "ready"
        runner.send_signal(signal.SIGINT)
        runner.send_signal(signal.SIGINT)
        time.sleep(0.7)
        assert runner.poll() is None, "two at once are one request"
        runner.send_signal(signal.SIGINT)
        assert line_from(runner) == "code 137"


def test_much_later_it_is_the_first_request_again() -> None:
    """Who works with a command on a terminal may interrupt it now and then."""
    counts = "trap 'n=$((n+1)); echo $n; [ $n -lt 2 ] || exit 9' INT"
    script = f"{counts}; echo ready; while :; do sleep 0.05; done"
    with start("sh", "-c", script) as runner:
        assert line_from(runner) == "ready"
        for number in ("1", "2"):
            runner.send_signal(signal.SIGINT)
            assert line_from(runner) == number
            time.sleep(1.2)
        assert line_from(runner) == "code 9"


def test_grandchildren_end_with_the_command() -> None:
    """Also those that do not listen to requests."""
    stubborn = "(trap '' TERM; exec sleep 60) & echo $!; sleep 0.2"
    with start("sh", "-c", f"sleep 60 & echo $!; {stubborn}; exit 4") as runner:
        left_behind = [int(line_from(runner)) for _ in range(2)]
        assert line_from(runner) == "code 4"
        assert not any(lives(process) for process in left_behind)


def test_grandchildren_hear_the_signal() -> None:
    """The whole group is asked, as the terminal would."""
    with start("sh", "-c", "sleep 60 & echo $!; wait; wait") as runner:
        grandchild = int(line_from(runner))
        began = time.monotonic()
        runner.terminate()
        assert line_from(runner) == "code 143"
        assert time.monotonic() - began < 2
        assert not lives(grandchild)


def test_held_signals_are_heard_after_the_block() -> None:
    """Nothing is interrupted, nothing is lost."""
    done = []

    def held() -> None:
        with signals_held():
            os.kill(os.getpid(), signal.SIGINT)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        held()
    assert done == [True]


def test_on_a_terminal_it_reads_what_is_typed_and_hears_ctrl_c(tmp_path: Path) -> None:
    """Although the terminal is ours: what asks us is passed on."""
    runner, script = tmp_path / "runner.py", tmp_path / "script.sh"
    runner.write_text(RUNNER)
    script.write_text(
        "trap 'exit 7' INT; read x; echo got-$x; while :; do sleep 0.05; done"
    )
    ours, theirs = pty.openpty()
    # The first terminal that the leader of a session opens becomes its own.
    command = f"exec {sys.executable} {runner} sh {script}"
    on_it = f"{command} <>{os.ttyname(theirs)} >&0 2>&1"
    with subprocess.Popen(["/bin/sh", "-c", on_it], start_new_session=True):
        screen = ""
        for typed, shown in (("one\n", "got-one"), ("\x03", "code 7")):
            os.write(ours, typed.encode())
            while shown not in screen:
                screen += os.read(ours, 4096).decode()
    os.close(theirs)
    os.close(ours)
