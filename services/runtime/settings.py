"""Where the hub's parts are found. Read from the environment once, by the process that starts."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

WAIT_HOURS = 24.0


class Settings(BaseSettings):
    """Addresses and folders, from ``HUB_*`` environment variables; secrets are files, never values here."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="ignore")

    agreements: Path = Field(description="Folder with one agreement (TOML) per partner")
    secrets: Path = Field(description="Folder with one file per principal, readable by its owner alone")
    kafka: str = Field(default="127.0.0.1:9092", description="Bootstrap servers, host:port, comma separated")
    kafka_ca: Path | None = Field(default=None, description="CA certificate; given, Kafka is spoken over TLS")
    postgres: str = Field(
        default="postgresql://hub@127.0.0.1:5432/hub",
        description="Address without password; the password is the secret file 'postgres'",
    )
    prefect: str = Field(default="http://127.0.0.1:4200/api", description="Address of Prefect's API")
    production: bool = Field(default=False, description="Refuse agreements that nobody has signed")
    log_format: str = Field(default="json", pattern="^(json|console)$")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    instance: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9_-]{0,60}$",
        description="Name of this instance among those of its service: started again under it, it goes on at once",
    )
    shards: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many instances of a service can work at one time, each with transactions of its own. "
        "All of them say the same, and all are stopped before it is changed",
    )
    wait_hours: float = Field(
        default=WAIT_HOURS,
        gt=0,
        le=24 * 365,
        description="How long a request waits for an event that nobody has published",
    )
    http_host: str = Field(default="127.0.0.1", description="Where health and metrics listen")
    http_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, told in the log")

    def secret(self, name: str) -> str:
        """Return the secret of one principal.

        Raises:
            SecretMissingError: the file is not there or empty; the message names it, never its content.
        """
        path = self.secrets / name
        try:
            value = path.read_text().strip()
        except OSError as error:
            raise SecretMissingError(
                f"expected the secret {name!r} in {path}: {error.strerror}; write it there, readable by its owner alone"
            ) from None
        if not value:
            raise SecretMissingError(f"expected the secret {name!r} in {path}: the file is empty")
        return value


class SecretMissingError(Exception):
    """A principal's secret file is missing or empty."""
