"""Which adapter stands behind which port."""

from app.adapters.mail_smtp import SmtpPost
from app.config import Settings
from app.notify.ports import Post


def post(settings: Settings) -> Post:
    """Return who carries letters in this deployment."""
    return SmtpPost(settings.mail_url, settings.mail_from)
