"""A headless Chromium, driven by its DevTools protocol over two pipes."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

#: As root and in containers; and nothing is asked of the browser's maker.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1600,1200",
    "--remote-debugging-pipe",
]
#: Chromium reads commands here, and answers on the next; ours lie above.
_READS, _WRITES, _ABOVE = 3, 4, 20
_END = b"\0"
_POLL_SECONDS = 0.25
_CLICK = """
(() => {
  const wanted = [...document.querySelectorAll("button, a[role=button]")].filter(
    (each) => each.innerText.trim().match(new RegExp(%s)) && !each.disabled
  );
  if (wanted.length) { wanted[wanted.length - 1].click(); }
  return wanted.length > 0;
})()
"""
_PART = """
(() => {
  const wanted = %s;
  let part = null;
  for (const each of document.querySelectorAll("body *")) {
    const text = each.innerText || "";
    if (wanted.every((one) => text.includes(one)) && !(part?.length < text.length)) {
      part = text;
    }
  }
  return part;
})()
"""


@dataclass
class Page:
    """A tab of a browser."""

    commands: BinaryIO
    answers: BinaryIO
    _number: int = field(default=0, init=False)
    _session: str | None = field(default=None, init=False)

    def attach(self) -> None:
        """Open a tab."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]

    def go(self, url: str) -> None:
        """Open an address."""
        self._call("Page.navigate", url=url)

    def text(self) -> str:
        """Return what the page says."""
        return str(self._value("document.body ? document.body.innerText : ''"))

    def wait_for(self, *texts: str, seconds: float = 60) -> str:
        """Wait until the page says all of them; return all that it says."""
        deadline = time.monotonic() + seconds
        while not all(text in (shown := self.text()) for text in texts):
            assert time.monotonic() < deadline, f"no {texts} in:\n{shown}"
            time.sleep(_POLL_SECONDS)
        return shown

    def part(self, *texts: str) -> str:
        """Return what the smallest part of the page says that says all of them."""
        found = self._value(_PART % json.dumps(texts))
        assert found, f"no {texts} in:\n{self.text()}"
        return str(found)

    def click(self, pattern: str, seconds: float = 60) -> None:
        """Click the newest button whose text matches, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while not self._value(_CLICK % json.dumps(pattern)):
            assert time.monotonic() < deadline, f"no {pattern} in:\n{self.text()}"
            time.sleep(_POLL_SECONDS)

    def _value(self, expression: str) -> Any:
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True
        )
        return answer["result"].get("value")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command; return its result, past what is told of events."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        self.commands.write(json.dumps(command).encode() + _END)
        self.commands.flush()
        while True:
            answer = json.loads(self._next())
            if answer.get("id") == self._number:
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> bytes:
        message = bytearray()
        while (byte := self.answers.read(1)) != _END:
            assert byte, "the browser has ended"
            message += byte
        return bytes(message)


@contextmanager
def browser(executable: str, profile: Path) -> Iterator[Page]:
    """Run a browser with a profile of its own; give a tab of it."""
    reads, commands = os.pipe()
    answers, writes = os.pipe()
    theirs = [fcntl.fcntl(each, fcntl.F_DUPFD, _ABOVE) for each in (reads, writes)]
    os.close(reads)
    os.close(writes)

    def give() -> None:
        os.dup2(theirs[0], _READS)
        os.dup2(theirs[1], _WRITES)

    process = subprocess.Popen(
        [executable, *FLAGS, f"--user-data-dir={profile}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(_READS, _WRITES),
        preexec_fn=give,  # noqa: PLW1509 (it only duplicates; no thread is needed)
    )
    for each in theirs:
        os.close(each)
    try:
        with os.fdopen(commands, "wb") as sent, os.fdopen(answers, "rb") as heard:
            page = Page(sent, heard)
            page.attach()
            yield page
    finally:
        process.terminate()
        process.wait(30)
