"""The manual keeps up with the code: its messages, tables and links."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts import update_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CODE = ROOT / "tap_genesys_analytics"
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text("utf-8")
#: What stands for a name or a number in a message.
GAP = "…"
#: Characters from which on a piece of a message is one that can be looked for.
TELLING = 8
#: Messages of others: pip's and Meltano's.
NOT_OURS = ("no such option: --group", "No state was found, complete import.")
#: What nobody meets by itself: it is caught, or part of a message that is there.
NOT_MET = (
    "not a complete gzip file",
    "the request is not sent: its stream has ended",
    # An example of a message that is there.
    (
        f"GET {GAP} answered something unexpected: `$.dataAvailabilityDate` is not a "
        "timestamp"
    ),
    # A contributor meets these two, not a user.
    f"{GAP} is read by its parent stream",
    (
        f"models.json has no model {GAP}: run `make generate`, which adds each model "
        "that a stream declares. Is that its name in the official SDK?"
    ),
)
#: What is there only after a command has made it.
MADE = ("site/",)
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in a piece of code, with a gap for each value put into them."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else GAP
            for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.sub(r"%[\d.]*[a-z]", GAP, node.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def modules() -> Iterator[ast.Module]:
    """Yield the tap's code."""
    for path in sorted(CODE.rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def normalised(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def pieces(message: str) -> list[str]:
    """Return what a message says whatever its values are."""
    message = re.sub(r"\b[45]\d\d\b", GAP, message)
    found = (normalised(piece).strip(" .:,;()'") for piece in message.split(GAP))
    return [piece for piece in found if len(piece) >= TELLING]


def quoted() -> list[str]:
    """Return the messages on the page: the code that an entry begins with."""
    entries = re.findall(r"^- (`.*)$", TROUBLESHOOTING, re.MULTILINE)
    return [message for entry in entries for message in re.findall("`([^`]+)`", entry)]


def told() -> Iterator[str]:
    """Yield what the tap says in errors and warnings."""
    for module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Assign) and "message" in map(
                ast.unparse, node.targets
            ):
                yield from (text for text in texts(node.value) if " " in text)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("logger.warning", "logger.error")
            ):
                yield from texts(node.args[0])


@pytest.mark.parametrize("message", quoted())
def test_each_message_of_the_page_is_in_the_code(message: str) -> None:
    """Piece by piece: a message may be put together of several."""
    if message in NOT_OURS:
        return
    code = [normalised(text) for module in modules() for text in texts(module)]
    for piece in pieces(message):
        assert any(piece in text for text in code), f"no code says: {piece}"


def test_each_error_and_warning_of_the_code_is_on_the_page() -> None:
    """A new message needs an entry in docs/troubleshooting.md."""
    page = normalised(TROUBLESHOOTING)
    missing = [
        text
        for text in told()
        if normalised(text) not in NOT_MET
        and not all(piece in page for piece in pieces(text))
    ]
    assert not missing


def test_each_area_of_the_list_of_tables_begins_with_a_stream() -> None:
    """Else its heading would be missing, and its tables under another one."""
    names = {stream.name for stream in update_documents.streams()}
    assert update_documents.AREAS.keys() <= names


def test_the_columns_that_are_joined_by_exist() -> None:
    """Each column that the page names is in its table."""
    catalog = json.loads(update_documents.CATALOG.read_text("utf-8"))
    page = (DOCS / "tables.md").read_text("utf-8")
    joins = page.partition("<!-- joins: begin -->")[2].partition("<!-- joins: end")[0]
    named = re.findall(r"`(\w+)\.(\w+)`", joins)
    assert named
    for table, column in named:
        assert column in catalog[table]["columns"], f"{table}.{column}"


def test_the_paths_that_contributors_are_sent_to_exist() -> None:
    """From the root, or from the tap's package."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*\.\w+|[\w.-]+(?:/[\w.-]+)*/)`", page)
    named = [path for path in named if path not in MADE]
    assert len(named) > 30
    for path in named:
        assert (ROOT / path).exists() or (CODE / path).exists(), path


def test_the_readme_is_short() -> None:
    """What is longer is a page of the manual."""
    assert len((ROOT / "README.md").read_bytes()) <= 12_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    """Pictures too, which the build of the site does not look at."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith(("http://", "https://")):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """Return what can be linked to in a page: its headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }
