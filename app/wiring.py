"""Which adapter stands behind which port."""

from app.adapters.key_box import KeyBox
from app.adapters.mail_smtp import SmtpPost
from app.adapters.remotelock import RemoteLock
from app.adapters.remotelock_tokens import Site
from app.adapters.stripe_checkout import StripeGateway
from app.config import Settings
from app.kernel import clock
from app.locks.ports import BOX, AccountView, LockInvalid, LockProvider
from app.notify.ports import Post
from app.payments.ports import Gateway
from app.usecases.at_provider import Provider
from app.usecases.lock_accounts import Locks


def post(settings: Settings) -> Post:
    """Return who carries letters in this deployment."""
    return SmtpPost(settings.mail_url, settings.mail_from)


def gateway(settings: Settings) -> Gateway:
    """Return who takes payments over the network; without a key only for payees with their own."""
    return StripeGateway(settings.stripe_key, settings.stripe_api)


def provider(settings: Settings, slug: str = "") -> Provider:
    """Return how payments of a municipality are reached, for the worker."""
    pages = f"{settings.base_url}/{slug}" if slug else settings.base_url
    return Provider(gateway(settings), settings.secret_key, pages)


def locks(settings: Settings) -> Locks:
    """Return how locks are reached, by the provider that an account names."""

    def reach(account: AccountView) -> LockProvider:
        if account.provider == BOX:
            return KeyBox(account)
        site = settings.lock_sites.get(account.site)
        if site is None:
            raise LockInvalid("unknown_site")
        return RemoteLock(account, Site(*site), clock.now)

    return Locks(reach, settings.secret_key)
