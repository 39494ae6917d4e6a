"""Tells people that a campaign stopped or ended."""

from __future__ import annotations

from jalon.adapters.stores.registry.updates_schema import CampaignRow
from jalon.app.language import LANGUAGES, language
from jalon.app.updates.world import World
from jalon.run.control import AlarmSeverity, Message, Words
from jalon.run.updates.spec import Plan
from jalon.run.updates.states import CampaignState
from jalon.vocab.text import N_, Text

_TITLES: dict[CampaignState, str] = {
    CampaignState.COMPLETED: N_("The update {title} is complete."),
    CampaignState.PAUSED: N_("The update {title} waits for a person."),
    CampaignState.ABORTING: N_("The update {title} was stopped: too many devices failed."),
    CampaignState.ROLLING_BACK: N_(
        "The update {title} was stopped and is rolled back: too many devices failed."
    ),
}


def tell_end(world: World, campaign: CampaignRow, plan: Plan, now_ms: int) -> None:
    """Post a message to those whom the plan names; a part of the transaction it is called in."""
    state = CampaignState(campaign.state)
    title = _TITLES.get(state)
    if title is None or not plan.notify:
        return
    bad = state in (CampaignState.ABORTING, CampaignState.ROLLING_BACK)
    world.post(
        Message(
            key=f"update:{campaign.id}:{state}:{campaign.stage}",
            at_ms=now_ms,
            to=plan.notify,
            title=in_languages(Text(title, {"title": campaign.title})),
            severity=AlarmSeverity.MAJOR if bad else None,
            path=f"/updates/campaigns/{campaign.id}",
        )
    )


def in_languages(text: Text) -> Words:
    """A sentence in every language there is."""
    return {code: language(code).render(text) for code in LANGUAGES}
