"""The settings of backfills: the file `genesys.yml`."""

from __future__ import annotations

import os
from datetime import date  # noqa: TC003 (pydantic reads the annotations)
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from typing_extensions import Self

#: The environment variable that names the file.
VARIABLE = "GENESYS_BACKFILL_SETTINGS"
_DEFAULT = Path(__file__).parents[1] / "genesys.yml"

#: The last day that every month has.
_LAST_DAY_OF_ALL_MONTHS = 28

Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0)]


class SettingsError(ValueError):
    """The settings cannot be used; the message says where and why."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Meltano(_Model):
    """The Meltano project, and its plugins to run."""

    project: Path = Path("../..")
    """Path of its folder, relative to the settings file."""
    executable: str = "meltano"
    environment: str = "prod"
    extractor: str = "tap-genesys"
    loader: str = "target-postgres"


class Partitions(_Model):
    """How history is split into partitions."""

    every: Literal["day", "week", "month"] = "day"
    start: date
    end: date | None = None
    """Exclusive. Default: no end; partitions are added as time passes."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.every == "month" and self.start.day > _LAST_DAY_OF_ALL_MONTHS:
            message = "months begin at the day of `start`, which not every month has"
            raise ValueError(message)
        if self.end and self.end <= self.start:
            message = "`end` must be later than `start`"
            raise ValueError(message)
        return self


class Client(_Model):
    """An OAuth client and its limits."""

    id: str
    """Name of the environment variable with its id."""
    secret: str
    """Name of the environment variable with its secret."""
    requests_per_minute: Count = 300
    """The rate limit for all its runs together."""
    slots: Annotated[int, Field(ge=0)] = 2
    """The initial limit of its pool: how many runs may use it at the same time."""
    rest_seconds: Seconds = 61
    """How long a slot stays unused after a run: the window of its last requests."""


class Organisation(_Model):
    """A Genesys organisation."""

    environment: dict[str, str] = Field(default_factory=dict)
    """Environment of its runs: region, schema of the target, settings of the tap.

    {organisation}, {group} and {partition} in a value are replaced.
    """
    retention_days: Count = 5 * 366
    """How long Genesys keeps the organisation's data."""
    state_id_suffix: str | None = None
    """For the incremental sync. Default: the organisation's name; empty: none."""
    clients: Annotated[dict[Name, Client], Field(min_length=1)]


class Incremental(_Model):
    """The incremental sync."""

    cron: str = "30 4 * * *"
    """The schedule, in UTC."""


class Settings(_Model):
    """All settings."""

    meltano: Meltano = Meltano()
    partitions: Partitions
    groups: Annotated[dict[Name, list[str]], Field(min_length=1)]
    """Stream groups, each a list of patterns of stream names."""
    organisations: Annotated[dict[Name, Organisation], Field(min_length=1)]
    incremental: Incremental = Incremental()
    retries: Annotated[int, Field(ge=0)] = 3
    """The maximum number of retries of a failed partition."""
    retry_seconds: Seconds = 20
    """The wait before the first retry; later waits double."""
    executor: str = "dagster.in_process_executor"
    """Dagster's executor of the steps of a run, as module.name."""


def load(path: Path | None = None) -> Settings:
    """Return the settings of a file.

    Raises:
        SettingsError: The file does not exist, or a setting is wrong.
    """
    path = path or Path(os.environ.get(VARIABLE) or _DEFAULT)
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        settings = Settings.model_validate(content)
    except (OSError, yaml.YAMLError) as error:
        message = f"The settings in {path} ({VARIABLE}) cannot be read: {error}"
        raise SettingsError(message) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        message = f"The settings in {path} are wrong: {problems}."
        raise SettingsError(message) from None
    project = (path.resolve().parent / settings.meltano.project).resolve()
    meltano = settings.meltano.model_copy(update={"project": project})
    return settings.model_copy(update={"meltano": meltano})
