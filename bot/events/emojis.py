"""What reactions mean: one part takes ✅ ❔ ❌; several a number each, ✅ for all, ❌ for none."""

from collections.abc import Collection, Mapping, Sequence

from bot.tables import Choice

YES, MAYBE, NO = "✅", "❔", "❌"
NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟")
# Of a member's several emojis the one that commits most counts.
COMMITMENT: Mapping[str, Choice] = {YES: Choice.YES, MAYBE: Choice.MAYBE, NO: Choice.NO}


def offered(parts: int) -> tuple[str, ...]:
    """The emojis that the bot puts under the card of an event with that many parts."""
    return (YES, MAYBE, NO) if parts == 1 else (*NUMBERS[:parts], YES, NO)


def says(shown: Collection[str], parts: Sequence[int]) -> dict[int, Choice]:
    """What these emojis, all of one member, say about each of an event's parts (by id).

    A part about which they say nothing is absent; an emoji that was not offered says nothing.
    """
    counted = {emoji for emoji in shown if emoji in offered(len(parts))}
    of_all = next((choice for emoji, choice in COMMITMENT.items() if emoji in counted), None)
    said: dict[int, Choice] = {}
    for number, part_id in zip(NUMBERS, parts, strict=False):
        choice = Choice.YES if number in counted else of_all
        if choice is not None:
            said[part_id] = choice
    return said
