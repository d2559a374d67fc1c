"""Users and the organization that the repository belongs to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING
from urllib.parse import quote

from rehearsal.origin.github.rendering.place import node_id, number_of

if TYPE_CHECKING:
    from rehearsal.origin.github.asking import JsonObject
    from rehearsal.origin.github.rendering.place import Place


@functools.lru_cache(maxsize=256)
def user(place: Place, login: str) -> JsonObject:
    """Somebody with an account, the organization, or an app's bot."""
    number = number_of(login)
    bot, organization = login.endswith("[bot]"), login == place.owner
    url = f"{place.api}/users/{quote(login)}"
    page = f"{place.web}/apps/{login.removesuffix('[bot]')}" if bot else f"{place.web}/{login}"
    prefix, kind = ("BOT", "Bot") if bot else ("O", "Organization") if organization else ("U", "User")
    return {
        "login": login,
        "id": number,
        "node_id": node_id(prefix, number),
        "avatar_url": f"https://avatars.{place.web.partition('://')[2]}/u/{number}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }
