"""Accounts and doors as they are written on a command line: `account=what`, or the first one's."""

from collections.abc import Iterable, Sequence

from app.sims.locks.accounts import IGLOO, LOCK, Account, Door
from app.sims.locks.switchbot.accounts import SwitchBot


def owned(said: str, accounts: Sequence[str]) -> tuple[str, str]:
    """Return whose something is, and what it is."""
    head, _, rest = said.partition("=")
    return (head, rest) if rest and head in accounts else (accounts[0], said)


def accounts(names: Sequence[str], clients: Iterable[str], doors: Iterable[str]) -> list[Account]:
    """Return the accounts with their applications (`ID:SECRET`) and their doors."""
    apps: dict[str, dict[str, str]] = {name: {} for name in names}
    found: dict[str, list[Door]] = {name: [] for name in names}
    for said in clients:
        name, rest = owned(said, names)
        client, separator, word = rest.partition(":")
        if not (client and separator and word):
            raise ValueError(f"アプリは「ID:秘密」と書きます：{said}")
        apps[name][client] = word
    for said in doors:
        name, rest = owned(said, names)
        found[name].append(door(rest))
    return [Account(name, apps[name], found[name]) for name in names]


def door(said: str) -> Door:
    """Return a door: `NAME`, `NAME,SECONDS`, `NAME,SECONDS,KIND` or with an ID at the end."""
    name, seconds, kind, ident = [*said.split(","), *[""] * 4][:4]
    if not name or (seconds and not seconds.isdecimal()) or kind not in ("", LOCK, IGLOO):
        raise ValueError(f"扉は「名前,秒,{LOCK}または{IGLOO},ID」と書きます：{said}")
    return Door(name, int(seconds or 0), kind or LOCK, ident)


def switchbot(said: str) -> SwitchBot:
    """Return an owner of keypads: `TOKEN:SECRET` or `TOKEN:SECRET:NAME,NAME`."""
    token, _, rest = said.partition(":")
    word, _, names = rest.partition(":")
    if not (token and word):
        raise ValueError(f"SwitchBotは「鍵:秘密:名前,名前」と書きます：{said}")
    return SwitchBot(token, word, names.split(",")) if names else SwitchBot(token, word)
