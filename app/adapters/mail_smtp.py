"""Letters by SMTP; the same code speaks to the demonstration's mail box and to a city's server."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from app.notify.ports import Letter, NotDelivered

SECONDS = 20.0


class SmtpPost:
    """Hands letters to a mail server named by a URL: smtp://, smtp+starttls:// or smtps://."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises NotDelivered when the server does not take it."""
        try:
            with self._connected() as server:
                server.send_message(self._message(letter))
        except (smtplib.SMTPException, OSError) as error:
            # The reason without the address: it is kept where staff read it.
            raise NotDelivered(type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
        if self._url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        name, address = parseaddr(self._sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate(localtime=False)
        # The same each time it is tried, so that a mail server can tell a repetition.
        message["Message-ID"] = f"<{letter.reference}@{address.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        return message
