"""Which adapter stands behind which port."""

from app.adapters.mail_smtp import SmtpPost
from app.adapters.stripe_checkout import StripeGateway
from app.config import Settings
from app.notify.ports import Post
from app.payments.ports import Gateway
from app.usecases.at_provider import Provider


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
