"""Results as plain data, one file for each measurement."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    """The results of a measurement, with date, machine and number of runs."""

    name: str
    machine: dict[str, str]
    peers: str
    scale: float
    runs: int
    data: dict[str, Any]

    def write(self, folder: Path) -> None:
        """Write the result into a folder; replace an older one."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=1)
        (folder / f"{self.name}.json").write_text(f"{text}\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Result]:
    """Return the results in a folder, by name."""
    return {
        file.stem: Result(**json.loads(file.read_text("utf-8")))
        for file in sorted(folder.glob("*.json"))
    }
