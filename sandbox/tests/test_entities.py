"""Entities made up from their models: what the SDK says, and the same for each seed."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from genesys_cloud_sandbox.world.directory import Directory
from genesys_cloud_sandbox.world.entities import generate, merge
from genesys_cloud_sandbox.world.organization import Named, organization
from scripts import update_models

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = Named("14289fd0-8da6-45fc-a0fa-f42118d6697d", "Home")
QUEUE = Named("0aedb5ae-cacc-4f28-aab0-7104780cc818", "Sales")


def leaves(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each field that is no object, at whatever depth."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from leaves(value)
        else:
            yield name, value


def test_the_resource_is_what_the_sdk_says() -> None:
    """The script has been run since the SDK was updated."""
    package = resources.files("genesys_cloud_sandbox.world")
    written = package.joinpath("models.json").read_bytes()
    assert msgspec.json.decode(written) == update_models.content()


def test_the_families_of_aggregates_are_those_of_the_official_sdk() -> None:
    """The file is what the script makes of the SDK."""
    written = update_models.FAMILIES.read_bytes()
    assert msgspec.json.decode(written) == update_models.families()


@pytest.mark.parametrize("model", update_models.MODELS)
def test_values_are_of_their_type(model: str) -> None:
    """And among those that are allowed; dates are in their order."""
    document = generate(model, QUEUE, HOME, HOME.id)
    types = {bool: "boolean", int: "integer", float: "number"}
    for name, kind in update_models.fields(model).items():
        if isinstance(kind, list):
            assert document[name] in kind
        elif kind in types.values():
            assert types[type(document[name])] == kind
    if {"dateCreated", "dateModified"} <= document.keys():
        assert document["dateCreated"] <= document["dateModified"]


def test_an_entity_follows_from_its_id() -> None:
    """The same for the same seed, another for another one."""
    first, again, other = (
        Directory(seed, organization(seed)).entity("Queue", QUEUE) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["modifiedBy"] != other["modifiedBy"]
    assert first["acwSettings"] == other["acwSettings"]


def test_what_is_given_replaces_what_is_made_up() -> None:
    """Only that, at whatever depth."""
    made_up = generate("Queue", QUEUE, HOME, HOME.id)
    given = {"mediaSettings": {"call": {"serviceLevel": {"percentage": 0.8}}}}
    merged = merge(made_up, given)
    assert merged["mediaSettings"]["call"]["serviceLevel"]["percentage"] == 0.8
    assert len(list(leaves(merged))) == len(list(leaves(made_up)))
