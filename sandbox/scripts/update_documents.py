"""Write docs/endpoints.md: what the sandbox answers, from its own routes.

    python scripts/update_documents.py

The permissions are those that a refusal names to a client that may do nothing.
"""

from __future__ import annotations

import http.client
import json
import re
from collections import defaultdict
from pathlib import Path

from starlette.routing import Route

from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

ENDPOINTS = Path(__file__).parents[1] / "docs" / "endpoints.md"
INTRODUCTION = """\
# Endpoints

Written by `scripts/update_documents.py`; do not edit. The permission is the one that a
403 of the sandbox names when `--forbid` matches the path; where there are several, one
is enough. "none" means that any client may ask.

| endpoint | method | permission |
|---|---|---|
"""


def document() -> str:
    """Return the text of docs/endpoints.md."""
    with Sandbox(SandboxOptions(forbidden=("*",), requests_per_minute=0)) as sandbox:
        api = http.client.HTTPConnection(sandbox.api_url.removeprefix("http://"))
        token = _token(sandbox)
        methods: defaultdict[str, set[str]] = defaultdict(set)
        for route in sandbox.routes():
            if isinstance(route, Route):
                methods[_camel(route.path)] |= {*(route.methods or ())} - {"HEAD"}
        rows = [
            f"| `{path}` | {', '.join(sorted(methods[path]))} "
            f"| {_permissions(api, token, path)} |\n"
            for path in sorted(methods)
        ]
        api.close()
    return INTRODUCTION + "".join(rows)


def _token(sandbox: Sandbox) -> str:
    login = http.client.HTTPConnection(sandbox.login_url.removeprefix("http://"))
    client = f"client_id={sandbox.options.client_id}"
    secret = f"client_secret={sandbox.options.client_secret}"
    grant = "grant_type=client_credentials"
    login.request("POST", "/oauth/token", f"{grant}&{client}&{secret}")
    answer = json.loads(login.getresponse().read())
    login.close()
    return str(answer["access_token"])


def _permissions(api: http.client.HTTPConnection, token: str, path: str) -> str:
    api.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    refusal = json.loads(api.getresponse().read())
    named = re.search(r"\[(.+)\]", refusal["message"])
    if not named:
        return "none"
    return ", ".join(f"`{name}`" for name in named[1].split(", "))


def _camel(path: str) -> str:
    """Return a path with the names of its parts as Genesys writes them."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), path)


if __name__ == "__main__":
    ENDPOINTS.parent.mkdir(exist_ok=True)
    ENDPOINTS.write_text(document(), "utf-8")
