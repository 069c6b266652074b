"""How often an account may call: so many times in a minute of the simulator's clock."""

from app.sims.locks.errors import VendorError

WINDOW = 60  # seconds
USUAL = 120


class Limits:
    """Counts the calls of each account."""

    def __init__(self, most: int = USUAL) -> None:
        self.most = most
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, account: str, now: float) -> dict[str, str]:
        """Count a call and return the headers of its answer; raises 429 for one too many."""
        began, calls = self._windows.get(account, (now, 0))
        if not began <= now < began + WINDOW:
            began, calls = now, 0
        self._windows[account] = (began, calls + 1)
        headers = {
            "X-RateLimit-Limit": str(self.most),
            "X-RateLimit-Remaining": str(max(0, self.most - calls - 1)),
            "X-RateLimit-Reset": str(int(began + WINDOW)),
        }
        if calls >= self.most:
            raise too_many(headers, int(began + WINDOW - now) + 1)
        return headers


def too_many(headers: dict[str, str], wait: int) -> VendorError:
    """Return the error of one call too many."""
    said = "Your account has exceeded the rate limit. Check the X-RateLimit-* headers."
    left = {"X-RateLimit-Remaining": "0", "Retry-After": str(wait)}
    return VendorError(429, {"message": said}, headers | left)
