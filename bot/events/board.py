"""The open cards, as the program holds them while it runs: a cache of the table."""

from collections.abc import Iterable, Iterator

from bot.events.programme import OpenCard


class Board:
    """Which messages are cards, and which parts their events have.

    Whoever reacts or presses takes a place in line before anything is read, so this must be
    known without asking the database.
    """

    def __init__(self) -> None:
        self._cards: dict[int, OpenCard] = {}
        self._parts: dict[int, tuple[int, ...]] = {}

    def know(self, found: Iterable[OpenCard]) -> None:
        """Know these cards, in place of what was known of the same messages."""
        for card in found:
            self._cards[card.message_id] = card
            self._parts[card.event_id] = card.parts

    def forget(self, message_id: int) -> None:
        """Know a card no longer; its event's parts are still answered by buttons elsewhere."""
        self._cards.pop(message_id, None)

    def card(self, message_id: int) -> OpenCard | None:
        """The card that a message is, if it is one."""
        return self._cards.get(message_id)

    def of_event(self, event_id: int) -> list[OpenCard]:
        """The cards of an event."""
        return [card for card in self._cards.values() if card.event_id == event_id]

    def parts(self, event_id: int) -> tuple[int, ...]:
        """The parts of an event, in order; none if it is not known."""
        return self._parts.get(event_id, ())

    def __iter__(self) -> Iterator[OpenCard]:
        return iter([*self._cards.values()])
