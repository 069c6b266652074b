"""Where Kaikan lies and listens on this machine, and what its processes are told."""

import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from app.local.errors import LocalError

ROOT = Path(__file__).resolve().parents[2]
STAND_IN_KEY, STAND_IN_SEAL = "sk_test_kaikan", "whsec_kaikan"  # open to nobody: see HOST
HOST = "127.0.0.1"  # sign-ins of the demonstration are public, so nobody else may come in


@dataclass(frozen=True, slots=True)
class Place:
    """The ports to listen on and the folder that everything is kept in."""

    var: Path = ROOT / "var"
    web_port: int = 8124
    mail_http_port: int = 8125
    mail_smtp_port: int = 8126
    stripe_port: int = 8127
    locks_port: int = 8128

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the place with the ports that the environment names; raises LocalError."""
        return cls(
            web_port=_port(environment, "PORT", 8124),
            mail_http_port=_port(environment, "MAIL_HTTP_PORT", 8125),
            mail_smtp_port=_port(environment, "MAIL_SMTP_PORT", 8126),
            stripe_port=_port(environment, "STRIPE_PORT", 8127),
            locks_port=_port(environment, "LOCKS_PORT", 8128),
        )

    @property
    def postgres(self) -> Path:
        """Return the data folder of the private PostgreSQL."""
        return self.var / "postgres"

    @property
    def record(self) -> Path:
        """Return the file that names the processes of the present run."""
        return self.var / "run.pid"

    @property
    def demo_pending(self) -> Path:
        """Return the file that stands while the demonstration's data are not all loaded."""
        return self.var / "demo-pending"

    @property
    def web_url(self) -> str:
        """Return the address for people."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def mail_box_url(self) -> str:
        """Return the address where the demonstration's mails can be read."""
        return f"http://{HOST}:{self.mail_http_port}/"

    @property
    def stripe_url(self) -> str:
        """Return the address of the payment provider's stand-in."""
        return f"http://{HOST}:{self.stripe_port}"

    @property
    def locks_url(self) -> str:
        """Return the address of the stand-in for a vendor of locks."""
        return f"http://{HOST}:{self.locks_port}"

    def check_ports(self) -> None:
        """Raise LocalError when another program listens where we want to."""
        for name, port in (
            ("PORT", self.web_port),
            ("MAIL_HTTP_PORT", self.mail_http_port),
            ("MAIL_SMTP_PORT", self.mail_smtp_port),
            ("STRIPE_PORT", self.stripe_port),
            ("LOCKS_PORT", self.locks_port),
        ):
            if not _is_free(port):
                raise LocalError(
                    f"ポート {port} はほかのプログラムが使っています。"
                    f"{name}={port + 1000} make run のように変えてください。"
                )

    def environment(self, outer: Mapping[str, str], *, database_url: str) -> dict[str, str]:
        """Return what every process of the service is told."""
        return {
            **outer,
            "DATABASE_URL": database_url,
            "SECRET_KEY": outer.get("SECRET_KEY") or self._secret_key(),
            "BASE_URL": self.web_url,
            "MAIL_URL": f"smtp://{HOST}:{self.mail_smtp_port}",
            "DEMO_MAILBOX_URL": self.mail_box_url,
            "KAIKAN_DEMO": "1",
            "PORT": str(self.web_port),
            "PYTHONUNBUFFERED": "1",  # a log that lags is of no use when something dies
            "REMOTELOCK_SITES": outer.get("REMOTELOCK_SITES")
            or f"demo {self.locks_url} {self.locks_url}",
            **({} if outer.get("STRIPE_SECRET_KEY") else self._stand_in()),
        }

    def _stand_in(self) -> dict[str, str]:
        """Return where the stand-in for Stripe is; whoever has a key uses the real one."""
        return {
            "STRIPE_SECRET_KEY": STAND_IN_KEY,
            "STRIPE_API_BASE": self.stripe_url,
            "STRIPE_PAGES": self.stripe_url,
            "STRIPE_WEBHOOK_SECRETS": STAND_IN_SEAL,
        }

    def _secret_key(self) -> str:
        path = self.var / "secret-key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            # Linked when complete: of two processes at once both get the key of the first.
            with NamedTemporaryFile("w", dir=self.var, prefix="secret-key-") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                with suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text()


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    found = environment.get(name) or str(default)
    if not found.isdecimal() or not 0 < int(found) < 65536:
        raise LocalError(f"{name} は 1 から 65535 の数にしてください（いまは {found!r}）。")
    return int(found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed ones may linger
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
