import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).with_name("locales")
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Voice:
    """How the bot speaks to someone: every sentence in one language.

    `voice("rsvp.seated", part="IA")` gives the sentence with its placeholders filled. A sentence
    that depends on a number takes it as `count`.
    """

    language: str
    catalogue: gettext.NullTranslations

    def __call__(self, key: str, /, **values: object) -> str:
        """Say the sentence called `key`.

        Raises:
            LookupError: if no catalogue of this language has that key.
        """
        count = values.get("count")
        if isinstance(count, int):
            sentence = self.catalogue.ngettext(key, key, count)
        else:
            sentence = self.catalogue.gettext(key)
        if sentence == key:
            raise LookupError(f"no sentence {key!r} in {self.language!r}")
        return sentence.format_map(values)


def load(folder: Path = LOCALES) -> dict[str, Voice]:
    """Read every catalogue: one voice for each of `LANGUAGES`."""
    return {language: Voice(language, _catalogue(folder / language)) for language in LANGUAGES}


def pick(voices: Mapping[str, Voice], *wishes: str | None) -> Voice:
    """The voice of the first wish that the bot speaks ("fr", "en-US"), else French."""
    for wish in wishes:
        if wish and (voice := voices.get(wish[:2].lower())):
            return voice
    return voices["fr"]


def _catalogue(folder: Path) -> gettext.NullTranslations:
    """Merge a language's catalogues, one per subject."""
    merged = Catalog(locale=folder.name)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=folder.name):
                merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
