"""Where one hub lives: its data folder, its ports, and which Kafka and PostgreSQL it uses.

The file ``hub.toml`` in the data folder, all of it optional::

    agreements = "/etc/hub/agreements"
    kafka = "kafka.example:9092"                            # instead of the bundled one
    kafka_ca = "/etc/hub/kafka-ca.pem"                      # given, Kafka is spoken over TLS
    postgres = "postgresql://hub@database.example/hub"      # instead of the bundled one

    [ports]
    prefect = 4201

The environment variables HUB_AGREEMENTS, HUB_KAFKA, HUB_KAFKA_CA and HUB_POSTGRES win over the file.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from contracts.agreements import EXAMPLES
from contracts.agreements.mistakes import of_syntax
from deploy import ports, site_mistakes
from deploy.ports import HOST, PORTS
from services.operations.errors import OperationError
from services.runtime.settings import WAIT_HOURS, Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _with_a_port(part: str) -> str:
    if part not in PORTS:
        raise ValueError(f"expected one of {', '.join(PORTS)}")
    return part


Part = Annotated[str, AfterValidator(_with_a_port)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]


class SiteError(OperationError):
    """``hub.toml`` is wrong."""


class Site(BaseModel):
    """One hub's place. ``durable``: survives a power cut; ``quick``: starts quickly rather than runs fast."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data: Path
    agreements: Path = EXAMPLES
    kafka: str | None = Field(default=None, pattern=r"^[^\s:]+:\d+(,[^\s:]+:\d+)*$")
    kafka_ca: Path | None = Field(default=None, validate_default=True)
    postgres: str | None = Field(default=None, pattern=r"^postgresql://[^:@/\s]+@")
    ports: Mapping[Part, Port] = Field(default_factory=dict, validate_default=True)
    wait_hours: float = Field(default=WAIT_HOURS, gt=0, le=24 * 365)
    production: bool = False
    durable: bool = True
    quick: bool = False

    @field_validator("ports")
    @classmethod
    def _all_ports(cls, given: Mapping[str, int]) -> Mapping[str, int]:
        return {**PORTS, **given}

    @field_validator("kafka_ca")
    @classmethod
    def _secure_beyond_loopback(cls, given: Path | None, info: ValidationInfo) -> Path | None:
        brokers = (info.data.get("kafka") or "").split(",") if given is None else []
        if any(broker and broker.rpartition(":")[0] not in LOOPBACK for broker in brokers):
            raise ValueError("expected the CA's file for a Kafka that is not on this machine")
        return given

    @property
    def secrets(self) -> Path:
        """The folder of the passwords."""
        return self.data / "secrets"

    def settings(self) -> Settings:
        """Return what the hub's processes get to know."""
        return Settings(
            agreements=self.agreements.resolve(),
            secrets=self.secrets,
            kafka=self.kafka or f"{HOST}:{self.ports['kafka']}",
            kafka_ca=self.kafka_ca,
            postgres=self.postgres or f"postgresql://hub@{HOST}:{self.ports['postgres']}/hub",
            prefect=f"http://{HOST}:{self.ports['prefect']}/api",
            wait_hours=self.wait_hours,
            production=self.production,
            log_format="json",
        )

    def environment(self) -> dict[str, str]:
        """Return the same as environment variables, for a ``hub`` command against this site."""
        told = self.settings().model_dump(mode="json", exclude={"http_port"}, exclude_none=True)
        return {f"HUB_{key.upper()}": str(value) for key, value in told.items()}

    def prefect_database(self, password: str) -> str:
        """Return Prefect's database address with its password: role and name ``prefect``, the hub's server."""
        parts = urlsplit(self.settings().postgres)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(("postgresql+asyncpg", f"prefect:{password}@{host}", "/prefect", "", ""))


def fixed(data: Path) -> Site:
    """Return the site of a data folder: the ports and addresses that its ``hub.toml`` and the environment say.

    Raises:
        SiteError: ``hub.toml`` is wrong; the message says where.
    """
    data = data.resolve()
    file = data / "hub.toml"
    text = _read(file)
    variables = ((name, os.environ.get(f"HUB_{name.upper()}")) for name in site_mistakes.KEYS if name != "ports")
    given = {name: value for name, value in variables if value}
    try:
        return Site.model_validate({**tomllib.loads(text), **given, "data": data})
    except tomllib.TOMLDecodeError as error:
        raise SiteError(str(of_syntax(error, file, text))) from None
    except ValidationError as error:
        mistakes = site_mistakes.of_validation(error, file, text, PORTS, given)
        raise SiteError("\n".join(map(str, mistakes))) from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.exists() else ""
    except UnicodeDecodeError:
        raise SiteError(f"{file}: expected text in UTF-8, came another encoding; save the file in UTF-8") from None


def throwaway(folder: Path, agreements: Path = EXAMPLES) -> Site:
    """Return a site on free ports that starts quickly and need not survive a power cut."""
    numbers = dict(zip(PORTS, ports.free(len(PORTS)), strict=True))
    return Site(data=folder, agreements=agreements, ports=numbers, durable=False, quick=True)
