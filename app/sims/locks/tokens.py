"""Tokens: three ways to get one, two hours of life, refreshing that uses the old one up."""

import secrets
from dataclasses import dataclass
from typing import TypeAlias

from app.sims.kept import Body
from app.sims.locks.accounts import Account
from app.sims.locks.errors import general, oauth
from app.sims.locks.world import World

LIFE = 7200  # seconds of an access token
CODE_LIFE = 600  # of a code from the consent page
EXPIRED = 403  # what the vendor's table says of tokens that are expired or not known

Form: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose devices a request sees, and through which application."""

    account: str
    client: str
    token: str


def granted(world: World, form: Form) -> Body:
    """Return a token for what was asked of the token desk."""
    own = world.directory.owner(form.get("client_id", ""), form.get("client_secret", ""))
    if own is None:
        raise oauth(401, "invalid_client")
    kind = form.get("grant_type")
    if kind == "client_credentials":
        return issued(world, form["client_id"], own.id, refreshing=False)
    if kind == "authorization_code":
        return by_code(world, form)
    if kind == "refresh_token":
        return refreshed(world, form)
    raise oauth(400, "unsupported_grant_type")


def by_code(world: World, form: Form) -> Body:
    """Return a token for a code, which is used up by it."""
    found = world["codes"].pop(form.get("code", ""), None)
    good = (
        found is not None
        and found["client"] == form["client_id"]
        and found["redirect_uri"] == form.get("redirect_uri", "")
        and world.now < found["until"]
    )
    if found is None or not good:
        raise oauth(400, "invalid_grant", "The authorization code is not good, or no longer.")
    return issued(world, form["client_id"], found["account"], refreshing=True)


def refreshed(world: World, form: Form) -> Body:
    """Return the next pair of tokens; the one that was shown is good no more."""
    shown = form.get("refresh_token", "")
    found = world["refreshes"].get(shown)
    if found is None or found["client"] != form["client_id"]:
        raise oauth(400, "invalid_grant", "The refresh token is not good, or was used.")
    del world["refreshes"][shown]
    return issued(world, form["client_id"], found["account"], refreshing=True)


def issued(world: World, client: str, account: str, *, refreshing: bool) -> Body:
    """Return a new token, and forget those that are long over."""
    tokens = world["tokens"]
    for old in [name for name, one in tokens.items() if one["until"] < world.now - LIFE]:
        del tokens[old]
    token = secrets.token_hex(32)
    tokens[token] = {"client": client, "account": account, "until": world.now + LIFE}
    body: Body = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": LIFE,
        "created_at": int(world.now),
    }
    if refreshing:
        body["refresh_token"] = secrets.token_hex(32)
        world["refreshes"][body["refresh_token"]] = {"client": client, "account": account}
    return body


def new_code(world: World, client: str, account: Account, redirect_uri: str) -> str:
    """Return a code that lets an application into an account."""
    code = secrets.token_hex(16)
    world["codes"][code] = {
        "client": client,
        "account": account.id,
        "redirect_uri": redirect_uri,
        "until": world.now + CODE_LIFE,
    }
    return code


def caller(world: World, authorization: str, expired: int = EXPIRED) -> Caller:
    """Return who is calling; raises 401 without a token, `expired` with one that is not good."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise general(401, "The access token is missing.", "unauthorized")
    found = world["tokens"].get(token)
    if found is None:
        raise general(expired, "The access token is invalid.", "invalid_token")
    if found["until"] <= world.now:
        raise general(expired, "The access token expired.", "invalid_token")
    return Caller(found["account"], found["client"], token)


def revoke(world: World, form: Form) -> Body:
    """End a token, of either kind; whoever does not know it is told nothing."""
    if world.directory.owner(form.get("client_id", ""), form.get("client_secret", "")) is None:
        raise oauth(401, "invalid_client")
    for table in ("tokens", "refreshes"):
        world[table].pop(form.get("token", ""), None)
    return {}
