"""The options of the commands, made from the fields of the sandbox's options."""

from __future__ import annotations

from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from genesys_cloud_sandbox.api.faults import Faults
from genesys_cloud_sandbox.options import SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field

_FIELDS = [field for field in fields(SandboxOptions) if "help" in field.metadata]


def sandbox_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a sandbox: it gets them as its first argument."""
    kinds: dict[str, type] = {x.name: type(x.default) for x in _FIELDS}

    @wraps(command)
    def with_options(**settings: Any) -> None:  # noqa: ANN401 (any-type: click's values)
        # A choice among numbers comes as a text.
        chosen = {name: kind(settings.pop(name)) for name, kind in kinds.items()}
        command(SandboxOptions(**chosen), **settings)

    decorated: Callable[..., None] = with_options
    for field in reversed(_FIELDS):
        decorated = _option(field)(decorated)
    return decorated


def _option(
    field: Field[Any],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    more, default = field.metadata, field.default
    several = isinstance(default, tuple)
    kind: Any = str if several else type(default)
    if more["choices"]:
        kind, default = click.Choice([*map(str, more["choices"])]), str(default)
    elif "low" in more:
        bounded = click.IntRange if kind is int else click.FloatRange
        kind = bounded(more["low"], more.get("high"))
    return click.option(
        more.get("flag", "--" + field.name.replace("_", "-")),
        field.name,
        type=kind,
        default=default,
        show_default=True,
        help=more["help"],
        is_flag=kind is bool,
        multiple=several,
        metavar=more.get("metavar"),
        callback=_CHECKS.get(field.name),
    )


def _check_faults(
    _context: click.Context, _option: click.Parameter, specs: tuple[str, ...]
) -> tuple[str, ...]:
    faults = Faults()
    try:
        for spec in specs:
            faults.add(spec)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return specs


def _check_clients(
    _context: click.Context, _option: click.Parameter, clients: tuple[str, ...]
) -> tuple[str, ...]:
    if not all(all(client.partition(":")) for client in clients):
        message = "an OAuth client is given as ID:SECRET"
        raise click.BadParameter(message)
    return clients


_CHECKS = {"fault_specs": _check_faults, "clients": _check_clients}
