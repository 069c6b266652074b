"""Settings, read from the environment once; a missing value stops the start, not a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

# The vendor's own; a deployment names others, and a contract says which of them is to be used.
LOCK_SITES: Mapping[str, tuple[str, str]] = {
    "jp": ("https://connect.remotelock.jp", "https://api.remotelock.jp"),
    "pf": ("https://api.remotelock-pf.jp", "https://api.remotelock-pf.jp"),
    "us": ("https://connect.remotelock.com", "https://api.remotelock.com"),
}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Misconfigured(Exception):  # noqa: N818 - the name says what is wrong
    """Says which setting is missing or wrong, for the person who starts the service."""


@dataclass(frozen=True)
class Settings:
    """All that differs between one deployment and another."""

    database_url: str  # SQLAlchemy URL; the web and the worker act as role kaikan_web
    secret_key: str
    base_url: str = "http://127.0.0.1:8124"  # links in mails
    mail_url: str = "smtp://127.0.0.1:8126"
    mail_from: str = "Kaikan 施設予約 <no-reply@kaikan.example>"
    assets_local: bool = False  # city networks allow-list hosts; then htmx is ours too
    demo: bool = False  # shows the demonstration banner and the mail box link
    demo_mailbox_url: str = ""
    web_threads: int = 8  # the pool holds as many connections as there are threads
    trusted_proxies: int = 0  # how many reverse proxies set X-Forwarded-*
    stripe_key: str = ""  # of the platform; empty: nobody pays over the network through it
    stripe_api: str = ""  # where the API is; empty: Stripe's own
    stripe_pages: str = "https://checkout.stripe.com"  # where people are sent to pay
    stripe_secrets: tuple[str, ...] = ()  # of the platform's notices, the newest first
    # Where RemoteLOCK's platforms are, by name: its sign-in and its API.
    lock_sites: Mapping[str, tuple[str, str]] = field(default_factory=lambda: dict(LOCK_SITES))
    more_hosts: tuple[str, ...] = ()  # names beside that of base_url, for checks of health

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings; raises Misconfigured naming what is missing."""
        missing = [name for name in ("DATABASE_URL", "SECRET_KEY") if not environment.get(name)]
        if missing:
            raise Misconfigured(
                f"環境変数 {', '.join(missing)} がありません。README を見てください。"
            )
        if len(environment["SECRET_KEY"]) < 32:
            raise Misconfigured("SECRET_KEY は32文字以上にしてください。")
        return cls(
            database_url=driver_url(environment["DATABASE_URL"]),
            secret_key=environment["SECRET_KEY"],
            base_url=environment.get("BASE_URL", cls.base_url).rstrip("/"),
            mail_url=environment.get("MAIL_URL", cls.mail_url),
            mail_from=environment.get("MAIL_FROM", cls.mail_from),
            assets_local=environment.get("ASSETS", "cdn") == "local",
            demo=environment.get("KAIKAN_DEMO", "") == "1",
            demo_mailbox_url=environment.get("DEMO_MAILBOX_URL", ""),
            web_threads=_number(environment, "WEB_THREADS", cls.web_threads),
            trusted_proxies=_number(environment, "TRUSTED_PROXIES", cls.trusted_proxies),
            stripe_key=environment.get("STRIPE_SECRET_KEY", ""),
            stripe_api=environment.get("STRIPE_API_BASE", "").rstrip("/"),
            stripe_pages=environment.get("STRIPE_PAGES", cls.stripe_pages).rstrip("/"),
            stripe_secrets=tuple(environment.get("STRIPE_WEBHOOK_SECRETS", "").split()),
            lock_sites=_sites(environment.get("REMOTELOCK_SITES", "")),
            more_hosts=tuple(environment.get("HOSTS", "").split()),
        )

    @property
    def hosts(self) -> list[str]:
        """Return the names under which this service answers; of this machine, all of them."""
        name = urlsplit(self.base_url).hostname or ""
        return [*(LOOPBACK if name in LOOPBACK else (name,)), *self.more_hosts]


def driver_url(url: str) -> str:
    """Return `url` with psycopg 3 as its driver; other drivers are not supported."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise Misconfigured("DATABASE_URL は postgresql:// で始めてください。")
    return f"postgresql+psycopg://{rest}"


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    found = environment.get(name, str(default))
    if not found.isdecimal():
        raise Misconfigured(f"{name} は数字にしてください（いまは {found!r}）。")
    return int(found)


def _sites(text: str) -> Mapping[str, tuple[str, str]]:
    """Return the vendor's places and those named as "name sign-in API", with ; between them."""
    found = dict(LOCK_SITES)
    for one in filter(None, (part.split() for part in text.split(";"))):
        if len(one) != 3 or not all(url.startswith(("https://", "http://")) for url in one[1:]):
            raise Misconfigured("REMOTELOCK_SITES は「名前 認証のURL APIのURL」を ; で区切ります。")
        found[one[0]] = (one[1].rstrip("/"), one[2].rstrip("/"))
    return found
