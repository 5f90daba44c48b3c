from datetime import date
from pathlib import Path

import discord
import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st

from bot.recaps import article
from bot.recaps.library import Page, RecapView, SectionView
from bot.texts import load
from cogs._reading import page_buttons, page_embed
from cogs._recap_cards import card
from tests.community import Community, shown

SAMPLE = Path(__file__).with_name("samples") / "retour-assises-5.txt"
LINK = "https://example.org/retour"
SHORT = "Retour sur le goûter\n\nDouze personnes ont mangé des figues, et parlé de la suite."

# What Discord allows: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_IN_EMBED = 6000
MOST_BUTTONS = 25


@pytest.fixture
def real(shared: Path) -> str:
    return (shared / "retour-rencontres-arts-2.txt").read_text()


async def attach(
    community: Community, raw: bytes, *, name: str = "retour.txt", **options: str
) -> simcord.ResponseMessage:
    """Propose a recap from a file; give the private reply."""
    result = await community.alice.slash(
        community.general, "recap publish", file=(name, raw), **options
    )
    assert result.ephemeral
    assert result.response is not None
    return result.response


async def paste(community: Community, *pieces: str, link: str = "") -> simcord.ResponseMessage:
    """Propose a recap in the form; give the private reply."""
    form = await community.alice.slash(community.general, "recap publish")
    result = await community.alice.submit_modal(form, fields(*pieces, link=link))
    assert result.ephemeral
    assert result.response is not None
    return result.response


def fields(*pieces: str, link: str = "") -> dict[str, str]:
    """What is typed into the form."""
    filled = [*pieces, "", ""][:3]
    return {**{f"text{number}": text for number, text in enumerate(filled, 1)}, "link": link}


async def publish(community: Community, text: str = SHORT) -> discord.Message:
    """Post a recap as Alice does, and give its card."""
    preview = await attach(community, text.encode())
    await community.alice.click(preview, label="Publier")
    return community.card(community.recaps)


def posts(community: Community) -> list[discord.Message]:
    """What everybody sees: Dave never presses anything."""
    return community.recaps.history(viewer=community.dave)


def said(reply: simcord.ResponseMessage | None) -> str:
    """What a reply says, with ordinary spaces."""
    assert reply is not None
    return reply.content.replace("\u00a0", " ")


def page(reply: simcord.ResponseMessage) -> tuple[str, str, str]:
    """What a private page shows: its heading, its words, its number."""
    (embed,) = reply.message.embeds
    return embed.title or "", embed.description or "", embed.footer.text or ""


def custom_ids(message: discord.Message) -> list[str]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [
        item.custom_id
        for row in rows
        for item in row.children
        if isinstance(item, discord.Button | discord.SelectMenu) and item.custom_id
    ]


async def read_through(
    member: simcord.MemberActor, recap: discord.Message
) -> list[tuple[str, str, str]]:
    """Press « Lire » and turn every page."""
    result = await member.click(recap, label="Lire")
    assert result.ephemeral
    assert result.response is not None
    reply = result.response
    found = [page(reply)]
    while following := [
        item for item in custom_ids(reply.message) if item.endswith(f":{len(found)}")
    ]:
        await member.click(reply, custom_id=following[0])
        found.append(page(reply))
    return found


async def test_a_preview_says_what_was_understood_and_shows_the_card(
    community: Community, real: str
) -> None:
    preview = await attach(community, real.encode(), link=LINK)
    for found in (
        "**Date** : mardi 23 décembre 2025",
        "**Par** : admin",
        "**Cycle** : Rencontres Pro A.R.T.S. · n° 2",
        "**5 parties**",
        "**Chiffre** : au moins 150 professionnels en salle",
        "**2 autres articles laissés de côté**",
        community.recaps.mention,
    ):
        assert found in said(preview)
    assert posts(community) == []


async def test_the_posted_card_is_the_one_previewed(community: Community, real: str) -> None:
    preview = await attach(community, real.encode(), link=LINK)
    previewed = preview.message.embeds[0].to_dict()
    done = await community.alice.click(preview, label="Publier")
    (post,) = posts(community)
    assert post.embeds[0].to_dict() == previewed
    assert post.embeds[0].url == LINK
    assert "23 décembre 2025 · admin" in shown(post)
    assert "**5.** " in shown(post)
    assert [item.split(":")[1] for item in custom_ids(post)] == ["read", *["section"] * 5]
    assert said(done.response) == f"C’est publié dans {community.recaps.mention}."


async def test_everybody_reads_all_of_it_in_private(community: Community, real: str) -> None:
    post = await publish(community, real)
    pages = await read_through(community.bob, post)
    expected = article.read(real)
    paragraphs = [*expected.lead, *(p for s in expected.sections for p in s.paragraphs)]
    assert "\n\n".join(text for _, text, _ in pages) == "\n\n".join(paragraphs)
    assert [number for _, _, number in pages] == [
        f"Page {n}/{len(pages)}" for n in range(1, len(pages) + 1)
    ]
    assert posts(community) == [post]


async def test_a_number_and_the_menu_lead_to_a_section(community: Community, real: str) -> None:
    post = await publish(community, real)
    headings = [section.heading for section in article.read(real).sections]
    result = await community.bob.click(post, label="3")
    assert result.response is not None
    assert page(result.response)[0] == headings[2]
    await community.bob.select(result.response, ["5"])
    assert page(result.response)[0] == headings[4]


@pytest.mark.parametrize("at", [1800, 2004, 3999])
async def test_a_text_in_pieces_is_read_as_one(community: Community, at: int, real: str) -> None:
    whole = await attach(community, real.encode())
    pasted = await paste(community, real[:at], real[at : at + 4000], real[at + 4000 :])
    assert pasted.message.embeds == whole.message.embeds
    assert pasted.content == whole.content


async def test_the_same_text_again_posts_nothing_and_leads_to_the_post(
    community: Community, real: str
) -> None:
    post = await publish(community, real)
    again = await paste(community, *(real[at : at + 4000] for at in range(0, len(real), 4000)))
    done = await community.alice.click(again, label="Publier")
    assert post.jump_url in said(done.response)
    assert len(posts(community)) == 1


async def test_corrections_show_in_the_preview_and_in_the_post(community: Community) -> None:
    preview = await attach(community, SAMPLE.read_bytes())
    form = await community.alice.click(preview, label="Modifier")
    corrections = {
        "title": "Retour sur les Assises",
        "published": "le 2 avril 2025",
        "link": "example.org/assises",
        "series": "Assises",
        "edition": "6",
    }
    await community.alice.submit_modal(form, corrections)
    assert "Assises · n° 6" in said(preview)
    await community.alice.click(preview, label="Publier")
    (post,) = posts(community)
    assert post.embeds[0].title == "Retour sur les Assises"
    assert post.embeds[0].url == "https://example.org/assises"
    assert "2 avril 2025" in shown(post)

    again = await attach(community, SAMPLE.read_bytes())
    done = await community.alice.click(again, label="Publier")
    assert "déjà publié" in said(done.response)


async def test_a_refused_correction_opens_again_as_it_was_left(community: Community) -> None:
    preview = await paste(community, SHORT)
    form = await community.alice.click(preview, label="Modifier")
    typed = {"title": "Goûter", "published": "hier", "link": "", "series": "", "edition": ""}
    await community.alice.submit_modal(form, typed)
    assert "« hier » n’est pas une date complète" in said(preview)
    form = await community.alice.click(preview, label="Corriger")
    assert form.modal is not None
    assert "hier" in str(form.modal)
    await community.alice.submit_modal(form, {**typed, "published": "23 décembre 2025"})
    assert "mardi 23 décembre 2025" in said(preview)


async def test_a_refused_text_opens_again_as_it_was_left(community: Community) -> None:
    refused = await paste(community, "Un début, sans titre.", "La suite.", link=LINK)
    assert "titre" in said(refused)
    form = await community.alice.click(refused, label="Corriger")
    for typed in ("Un début, sans titre.", "La suite.", LINK):
        assert typed in str(form.modal)
    await community.alice.submit_modal(form, fields(SHORT, link=LINK))
    assert "Retour sur le goûter" in said(refused)
    await community.alice.click(refused, label="Publier")
    assert len(posts(community)) == 1


async def test_a_preview_outlives_a_restart(community: Community) -> None:
    preview = await attach(community, SAMPLE.read_bytes())
    await community.restart()
    await community.alice.click(preview, label="Publier")
    (post,) = posts(community)
    await community.restart()
    assert await read_through(community.bob, post)


async def test_a_draft_given_up_is_gone(community: Community) -> None:
    preview = await paste(community, SHORT)
    await community.alice.click(preview, label="Annuler")
    assert "rien n’a été publié" in said(preview)
    assert custom_ids(preview.message) == []
    assert posts(community) == []


async def test_who_no_longer_organises_publishes_nothing(community: Community) -> None:
    preview = await paste(community, SHORT)
    guild = community.bot.get_guild(community.guild.id)
    assert guild is not None
    role = guild.get_role(community.organisers.id)
    assert role is not None
    await role.delete()
    refused = await community.alice.click(preview, label="Publier")
    assert "réservée à l’organisation" in said(refused.response)
    assert posts(community) == []


async def test_without_a_channel_the_command_says_who_chooses_it(community: Community) -> None:
    guild = community.env.create_guild("Ailleurs", preferred_locale="fr")
    role = guild.create_role("Organisation", permissions=discord.Permissions(manage_events=True))
    alice = guild.add_member(community.alice.user, roles=[role])
    channel = guild.create_text_channel("general")
    await community.env.settle()
    result = await alice.slash(channel, "recap publish")
    assert "/setup" in said(result.response)


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("vide.txt", b"", "Ce texte est vide"),
        ("blancs.md", " \n\u200b\n".encode(), "Ce texte est vide"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "n’est pas du texte"),
        ("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Je ne sais pas lire image.png"),
        ("long.txt", b"a" * 5_000_000, "trop lourd"),
        ("livre.txt", b"Titre\n\n" + b"mot " * 60_000, "trop long"),
        ("phrase.txt", b"Ceci est une phrase, et non un titre.", "titre"),
        ("titre.txt", b"t" * 300 + b"\n\nDu texte, en bas.", "250"),
        ("seul.txt", b"Un titre seul", "Un titre seul"),
    ],
)
async def test_what_is_no_recap_is_refused_in_words(
    community: Community, name: str, raw: bytes, sentence: str
) -> None:
    refused = await attach(community, raw, name=name)
    assert sentence in said(refused)
    assert "Publier" not in str(refused.components)
    assert posts(community) == []


async def test_no_title_pings_or_formats_anything(community: Community) -> None:
    await publish(community, "@everyone lisez a_b_c\n\nUn mot de @here, et `ça`, et ||ceci||.")
    (post,) = posts(community)
    title = post.embeds[0].title or ""
    assert "@everyone" not in title
    assert r"a\_b\_c" in title
    assert "@here" not in shown(post)
    assert r"\|\|ceci\|\|" in shown(post)
    (allowed,) = [
        request.json["allowed_mentions"]
        for request in community.env.http_requests
        if request.json and "nonce" in request.json
    ]
    assert allowed == {"parse": []}


async def test_the_latest_recaps_are_listed_and_read_in_private(community: Community) -> None:
    nothing = await community.bob.slash(community.general, "recaps latest")
    assert "Aucun compte rendu" in said(nothing.response)
    await publish(community, SAMPLE.read_text())
    await publish(community, f"Publié le 2 mai 2025\n\n{SHORT}")
    result = await community.bob.slash(community.general, "recaps latest")
    assert result.ephemeral
    assert result.response is not None
    listed = shown(result.response.message)
    assert listed.index("Retour sur le goûter") < listed.index("Assises du Phare")
    await community.bob.click(result.response, label="1")
    assert "des figues" in page(result.response)[1]


async def test_forty_sections_are_listed_and_reached(community: Community) -> None:
    text = "# Retour\n\nLe début.\n\n" + "\n\n".join(
        f"## Table {number}\n\nCe qui fut dit à la table {number}." for number in range(1, 41)
    )
    post = await publish(community, text)
    assert "**40.** Table 40" in shown(post)
    assert len(custom_ids(post)) == MOST_BUTTONS
    pages = await read_through(community.bob, post)
    assert [heading for heading, _, _ in pages[1:]] == [f"Table {n}" for n in range(1, 41)]


WILD = st.text(max_size=3000) | st.sampled_from(
    ["*_`~|>" * 400, "@everyone " * 300, "[a](b)" * 300]
)


@pytest.mark.slow
@given(
    st.builds(
        RecapView,
        id=st.just(1),
        title=WILD.filter(bool),
        link=st.none() | st.just(LINK),
        author=st.none() | WILD,
        published=st.none() | st.just(date(2025, 12, 1)),
        series=st.none() | WILD,
        edition=st.none() | st.just(2),
        language=st.just("fr"),
        lead=st.lists(WILD).map(tuple),
        sections=st.lists(WILD, max_size=60).map(
            lambda headings: tuple(SectionView(*item) for item in enumerate(headings, 1))
        ),
    )
)
def test_no_recap_is_ever_too_much_for_discord(view: RecapView) -> None:
    for voice in load().values():
        embed, buttons = card(view, voice)
        assert len(embed) <= MOST_IN_EMBED
        assert len(embed.title or "") <= 256
        assert len(embed.author.name or "") <= 256
        assert len(embed.description or "") <= 4096
        assert len(buttons.children) <= MOST_BUTTONS
        pages = [Page(part.position, part.heading, part.heading[:2000]) for part in view.sections]
        for at in range(len(pages)):
            assert len(page_embed(view, pages, at, voice)) <= MOST_IN_EMBED
            page_buttons(view, pages, at, voice)
