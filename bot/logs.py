import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A bot's token, and what follows /webhooks/ID/ or /interactions/ID/ in an address.
_SECRET = re.compile(
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|(?<=/webhooks/)\d+/[\w-]+|(?<=/interactions/)\d+/[\w-]+"
)


def configure(level: str, form: str) -> None:
    """Log to standard error, as text or one JSON object a line, without secrets or local values."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_handler(form, shared)], level=level, force=True)
    # Their debug lines hold what people write, and what opens an interaction.
    for name in ("discord.http", "discord.gateway", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.INFO)
    # What it did is said in one line by `bot.migrate`.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _handler(form: str, shared: list[structlog.types.Processor]) -> logging.Handler:
    """Where lines go, those of libraries too, and what they look like."""
    render = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    return handler


def _without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cut out whatever has the shape of a token."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET.sub("[secret]", value)
    return event
