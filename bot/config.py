from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import UserError


class Settings(BaseSettings):
    """What the environment says, or the file `.env` beside the program.

    The token is a `SecretStr`: no repr, log or traceback shows it.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = None
    # It may hold a password.
    database_url: str = Field(default="sqlite:///tableronde.db", repr=False)
    # A rate-limit proxy in front of several processes, or a Discord of one's own in a test.
    discord_api_base: str | None = Field(default=None, pattern=r"^https?://")
    discord_gateway: str | None = Field(default=None, pattern=r"^wss?://")
    # Privileged: to be granted in Discord's developer portal first.
    members_intent: bool = False
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="text", pattern="^(text|json)$")
    # Calendars and health; without a port nothing is served.
    web_host: str = Field(default="127.0.0.1", pattern=r"^[\w.:-]+$")
    web_port: int | None = Field(default=None, ge=1, le=65535)
    # Where people reach it: the address of the proxy in front of it.
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")

    @field_validator("database_url")
    @classmethod
    def _one_of_two_databases(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("no address of a database") from None
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError("neither SQLite nor PostgreSQL")
        if url.database in {None, "", ":memory:"}:
            raise ValueError("nowhere to keep anything")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @property
    def database(self) -> URL:
        """Where the state lives, with the asynchronous driver that reads it."""
        url = make_url(self.database_url)
        driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
        return url.set(drivername=driver[url.get_backend_name()])

    def token(self) -> str:
        """The token, in clear, for the one call that logs in.

        Raises:
            UserError: if there is none.
        """
        if self.discord_token is None:
            raise UserError("config.no_token")
        return self.discord_token.get_secret_value()


def read() -> Settings:
    """Read the settings.

    Raises:
        ExceptionGroup: of one UserError for each setting that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [_explained(str(problem["loc"][0])) for problem in error.errors()]
        raise ExceptionGroup("settings", wrong) from None


def _explained(field: str) -> UserError:
    return UserError(f"config.{field}", variable=field.upper())
