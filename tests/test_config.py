import traceback
from pathlib import Path

import pytest

from bot import config, texts
from bot.errors import UserError

TOKEN = "not-a-real-token.but-it-is.secret-all-the-same"
VARIABLES = (
    "DISCORD_TOKEN",
    "DATABASE_URL",
    "DISCORD_API_BASE",
    "DISCORD_GATEWAY",
    "MEMBERS_INTENT",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "WEB_HOST",
    "WEB_PORT",
    "PUBLIC_URL",
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment that says nothing of the bot, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def problems(*errors: Exception) -> list[str]:
    """Every problem, as the operator reads it."""
    voice = texts.load()["fr"]
    return [voice(e.key, **e.values) for e in errors if isinstance(e, UserError)]


def test_without_settings_there_is_a_local_file_and_no_token() -> None:
    settings = config.read()
    assert settings.database.render_as_string() == "sqlite+aiosqlite:///tableronde.db"
    with pytest.raises(UserError, match=r"config\.no_token"):
        settings.token()


def test_everything_wrong_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES[1:]:
        environment.setenv(variable, "non sense")
    with pytest.raises(ExceptionGroup) as wrong:
        config.read()
    said = problems(*wrong.value.exceptions)
    assert len(said) == len(VARIABLES) - 1
    for variable, sentence in zip(VARIABLES[1:], said, strict=True):
        assert sentence.startswith(variable)


def test_an_empty_variable_is_no_setting(environment: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        environment.setenv(variable, "")
    assert config.read().log_level == "INFO"


def test_the_token_is_given_only_when_asked_for(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DISCORD_TOKEN", TOKEN)
    settings = config.read()
    assert settings.token() == TOKEN
    for shown in (repr(settings), str(settings), str(settings.model_dump())):
        assert "secret" not in shown


def test_no_error_or_traceback_shows_the_token_or_a_password(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("DISCORD_TOKEN", TOKEN)
    environment.setenv("DATABASE_URL", "mysql://user:secret@localhost/db")
    with pytest.raises(ExceptionGroup) as wrong:
        config.read()
    told = "".join(traceback.format_exception(wrong.value, chain=True))
    assert "secret" not in told + repr(wrong.value) + "".join(problems(*wrong.value.exceptions))


def test_a_password_of_the_database_is_in_no_repr(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://user:secret@localhost/db")
    settings = config.read()
    assert "secret" not in f"{settings!r} {settings} {settings.database}"
    assert settings.database.password == "secret"


def test_settings_may_stand_in_a_file(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    lines = (f"DISCORD_TOKEN={TOKEN}", "LOG_LEVEL=DEBUG", "SOMETHING_ELSE=1")
    (tmp_path / ".env").write_text("\n".join(lines))
    environment.setenv("LOG_LEVEL", "ERROR")
    settings = config.read()
    assert settings.token() == TOKEN
    assert settings.log_level == "ERROR", "the environment comes before the file"


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("sqlite:///town.db", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/town.db", "sqlite+aiosqlite"),
        ("postgresql://user@localhost/town", "postgresql+asyncpg"),
        ("postgresql+psycopg2://user@localhost/town", "postgresql+asyncpg"),
    ],
)
def test_an_address_gets_the_driver_that_reads_it(
    environment: pytest.MonkeyPatch, written: str, driver: str
) -> None:
    environment.setenv("DATABASE_URL", written)
    database = config.read().database
    assert database.drivername == driver
    assert database.database is not None
    assert database.database.endswith(("town", "town.db"))


def test_nothing_is_served_unless_a_port_is_given(environment: pytest.MonkeyPatch) -> None:
    settings = config.read()
    assert (settings.web_host, settings.web_port, settings.public_url) == ("127.0.0.1", None, None)
    environment.setenv("WEB_HOST", "::")
    environment.setenv("WEB_PORT", "8080")
    environment.setenv("PUBLIC_URL", "https://bot.example.org/tables/")
    settings = config.read()
    assert (settings.web_host, settings.web_port) == ("::", 8080)
    assert settings.public_url == "https://bot.example.org/tables"


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        ("WEB_HOST", "http://localhost"),
        ("WEB_HOST", "localhost:80/x"),
        ("WEB_PORT", "0"),
        ("WEB_PORT", "65536"),
        ("WEB_PORT", "http"),
        ("PUBLIC_URL", "bot.example.org"),
        ("PUBLIC_URL", "ftp://bot.example.org"),
        ("PUBLIC_URL", "webcal://bot.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https:///calendar"),
        ("PUBLIC_URL", "https://user:secret@bot.example.org"),
        ("PUBLIC_URL", "https://bot.example.org?token=1"),
        ("PUBLIC_URL", "https://bot.example.org/#top"),
        ("PUBLIC_URL", "https://bot.example.org/a b"),
    ],
)
def test_an_address_that_cannot_be_is_explained(
    environment: pytest.MonkeyPatch, variable: str, written: str
) -> None:
    environment.setenv(variable, written)
    with pytest.raises(ExceptionGroup) as wrong:
        config.read()
    (said,) = problems(*wrong.value.exceptions)
    assert said.startswith(f"{variable} doit être")
    assert "secret" not in said


@pytest.mark.parametrize("written", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_lives_nowhere_is_refused(
    environment: pytest.MonkeyPatch, written: str
) -> None:
    environment.setenv("DATABASE_URL", written)
    with pytest.raises(ExceptionGroup):
        config.read()
