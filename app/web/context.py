"""What every request knows: its municipality, who is behind it, their basket, its own name."""

import secrets
import time
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import (
    Flask,
    abort,
    current_app,
    g,
    has_request_context,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.routing import BaseConverter, ValidationError

from app.booking.looking import Looker
from app.booking.models import Booking
from app.booking.queries import draft_with, held_lines
from app.booking.service.waivers import Monthly
from app.booking.states import State
from app.config import Settings
from app.db import db
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.facilities.queries import catalogue as read_catalogue
from app.identity.codes import keyed_hash
from app.identity.permissions import Permission, Viewer, may_somewhere
from app.identity.queries import viewer_of
from app.kernel import clock
from app.tenants.policy import MunicipalityPolicy
from app.tenants.queries import Municipality, municipalities
from app.usecases.staff_signing_in import note_seen

REREAD_SECONDS = 1.0  # how long a process trusts what it knows of municipalities


# Where somebody of the town hall begins, by the first of these that they may.
OFFICE_PAGES = (
    (Permission.OFFICE, "office.bookings"),
    (Permission.DECIDE_WAIVERS, "office_waivers.queue"),
    (Permission.SET_RULES, "office_rules.home"),
    (Permission.AUDIT, "office.audit"),
    (Permission.MANAGE_STAFF, "office_staff.everybody"),
    (Permission.SET_ACCOUNTS, "office_accounts.every"),
)
SEEN_AGAIN = timedelta(minutes=1)  # a session of staff is noted as in use this often


class SlugConverter(BaseConverter):
    """A part of a path in lower case with hyphens."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


class DayConverter(BaseConverter):
    """A day in a path, such as 2026-12-05; a day that does not exist is a page that does not."""

    regex = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the day."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        """Return the day as it stands in the path."""
        return value.isoformat()


class MonthConverter(DayConverter):
    """A month as 2027-03; its first day in code."""

    regex = r"20[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the first day of the month."""
        return super().to_python(f"{value}-01")

    def to_url(self, value: date) -> str:
        """Return the month as it is written in a path."""
        return value.isoformat()[:7]


class SignedInUser(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: a session's token and the person behind it."""

    def __init__(self, token: str, viewer: Viewer) -> None:
        self.id = token
        self.viewer = viewer


@dataclass(frozen=True, slots=True)
class BasketSummary:
    """How much this browser holds, and until when the first of it is kept."""

    count: int
    until: datetime | None


class Directory:
    """The municipalities by path, read again at most once a second."""

    def __init__(self) -> None:
        self._known: dict[str, Municipality] = {}
        self._read_at = -REREAD_SECONDS

    def at(self, slug: str) -> Municipality | None:
        """Return the municipality whose path begins with `slug`."""
        self._refresh()
        return self._known.get(slug)

    def known(self) -> list[Municipality]:
        """Return all municipalities by code."""
        self._refresh()
        return list(self._known.values())

    def read_again(self) -> None:
        """Read them anew at once; for a process that has just changed one."""
        self._read_at = -REREAD_SECONDS

    def _refresh(self) -> None:
        if time.monotonic() - self._read_at >= REREAD_SECONDS:
            with tenant_scope(None):
                self._known = {one.slug: one for one in municipalities(db.session())}
            self._read_at = time.monotonic()


def register(app: Flask) -> None:
    """Let every request find out what it knows, before its view and its access check run."""
    app.url_map.converters["slug"] = SlugConverter
    app.url_map.converters["day"] = DayConverter
    app.url_map.converters["month"] = MonthConverter
    app.extensions["municipalities"] = Directory()
    login = LoginManager(app, add_context_processor=False)  # templates ask our own `viewer`
    login.session_protection = None  # sessions are rows of ours, revoked by deleting them
    login.user_loader(_load_user)
    app.url_value_preprocessor(_find_municipality)
    app.url_defaults(_name_municipality)
    app.teardown_request(_leave_municipality)
    app.before_request(_meet_viewer)


def settings() -> Settings:
    """Return the settings of this application."""
    return current_app.config["KAIKAN"]  # type: ignore[no-any-return]


def now() -> datetime:
    """Return the instant of this request, the same throughout it."""
    if "now" not in g:
        g.now = current_app.config.get("KAIKAN_CLOCK", clock.now)()
    return g.now  # type: ignore[no-any-return]


def catalogue() -> Catalogue:
    """Return the catalogue of this request's municipality."""
    if "catalogue" not in g:
        g.catalogue = read_catalogue(db.session(), g.municipality)
    return g.catalogue  # type: ignore[no-any-return]


def policy() -> MunicipalityPolicy:
    """Return the municipality's policy of today."""
    return catalogue().policy_on(today())


def municipality_name() -> str:
    """Return what this request's municipality is called."""
    return str(g.municipality.name)


def today() -> date:
    """Return today in the municipality's zone."""
    return now().astimezone(g.municipality.zone).date()


def actor(kind: str = "resident") -> Actor:
    """Return who acts in this request, for the audit."""
    return Actor(kind, account_id=g.viewer.account_id, request_id=g.request_id)


def other_towns() -> list[int]:
    """Return the ids of the other municipalities of this service."""
    known = current_app.extensions["municipalities"].known()
    return [one.id for one in known if one.id != g.municipality.id]


def applicant_class() -> str:
    """Return the class that rules are read for: the resident's own, or the default one."""
    return g.viewer.applicant_class or policy().default_class().id


def looker() -> Looker:
    """Return who looks at availability."""
    account = g.viewer.account_id
    monthly = Monthly(db.session(), account) if account is not None else None
    return Looker(now(), applicant_class(), basket_id(), g.viewer.entitlements, monthly)


def basket_key(*, make: bool = False) -> str | None:
    """Return the key of this browser's basket in this municipality, hashed as it is stored."""
    held: dict[str, str] = session.get("baskets", {})
    token = held.get(g.municipality.slug)
    if token is None and make:
        token = secrets.token_urlsafe(16)
        session["baskets"] = {**held, g.municipality.slug: token}
    return keyed_hash(settings().secret_key, "basket", token) if token else None


def new_basket() -> None:
    """Let go of the key of a basket that was applied for; the next choice begins a new one."""
    held: dict[str, str] = session.get("baskets", {})
    session["baskets"] = {k: v for k, v in held.items() if k != g.municipality.slug}


def basket() -> Booking | None:
    """Return this browser's basket, read once a request; None when it is empty or applied for."""
    if "basket" not in g:
        key = basket_key()
        draft = draft_with(db.session(), key) if key else None
        g.basket = draft if draft is not None and draft.state == State.DRAFT else None
    return g.basket  # type: ignore[no-any-return]


def basket_id() -> int | None:
    """Return the id of this browser's basket; whoever made it in this request has told it."""
    if "basket_id" not in g:
        draft = basket()
        g.basket_id = draft.id if draft else None
    return g.basket_id  # type: ignore[no-any-return]


def basket_summary() -> BasketSummary:
    """Return what the head of every page says about the basket."""
    draft_id = basket_id()
    if draft_id is None:
        return BasketSummary(0, None)
    lines, until = held_lines(db.session(), draft_id)
    standing = [moment for moment in until.values() if moment > now()]
    return BasketSummary(len(lines), min(standing, default=None))


def staff_links() -> list[tuple[str, str]]:
    """Return where staff may go from any page: the desk of their halls, the office."""
    links = []
    if may_somewhere(g.viewer, Permission.DESK):
        links.append((gettext("会館の受付"), url_for("desk.home")))
    first = (page for needed, page in OFFICE_PAGES if may_somewhere(g.viewer, needed))
    if (page := next(first, None)) is not None:
        links.append((gettext("市の事務"), url_for(page)))
    if may_somewhere(g.viewer, Permission.REPORTS):
        links.append((gettext("利用実績"), url_for("usage.show")))
        links.append((gettext("お金"), url_for("months.show")))
    if g.viewer.staff is not None:
        links.append((gettext("自分の設定"), url_for("staff_account.show")))
    return links


def network() -> str:
    """Return a keyed hash of the caller's network: it counts, and tells nobody an address."""
    address = request.remote_addr or ""
    prefix = ":".join(address.split(":")[:4]) if ":" in address else address
    return keyed_hash(settings().secret_key, "network", prefix)


def _find_municipality(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.request_id = uuid.uuid4().hex[:16]
    g.viewer = Viewer()
    g.municipality = None
    slug = values.pop("municipality", None) if values else None
    if endpoint is None:
        slug = request.path.split("/")[1]  # no such page: say so as the municipality would
    if slug is None:
        return
    g.municipality = current_app.extensions["municipalities"].at(slug)
    if g.municipality is None and endpoint is None:
        return
    if g.municipality is None:
        abort(404)
    g.tenant = tenant_scope(g.municipality.id)
    g.tenant.__enter__()


def _name_municipality(endpoint: str, values: dict[str, Any]) -> None:
    """Let url_for() stay in the municipality of the page."""
    if "municipality" in values or not has_request_context() or not g.get("municipality"):
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "municipality"):
        values["municipality"] = g.municipality.slug


def _leave_municipality(error: BaseException | None) -> None:
    scope = g.pop("tenant", None)
    if scope is not None:
        scope.__exit__(None, None, None)


def _meet_viewer() -> None:
    """Find out who is signed in; a browser without a session costs no query."""
    if g.municipality is not None and "_user_id" in session and current_user.is_authenticated:
        g.viewer = current_user.viewer


def _load_user(token: str) -> SignedInUser | None:
    if g.municipality is None:  # roles are held somewhere; outside nobody is anybody
        return None
    token_hash = keyed_hash(settings().secret_key, "session", token)
    viewer = viewer_of(db.session(), token_hash, now=now())
    if viewer is None:
        return None
    if viewer.staff is not None and now() - viewer.staff.seen_at > SEEN_AGAIN:
        note_seen(token_hash, now=now())
    return SignedInUser(token, viewer)
