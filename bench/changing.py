"""The first reader after a change: each request measured is preceded by a real change of its hall.

Changes come in rounds of as many as there are clients, each in another room of the shown week and
all committed before the round's requests go out; only the requests are timed. Each asks under an
address of its own, which no process keeps a page for: the page cache's half second of trust
would otherwise answer some of them with the kept page.
"""

import threading
import time
from itertools import count

from bench.house import House
from bench.load import Connection, Result, request


def after_changes(
    house: House, port: int, path: str, *, clients: int, seconds: float, cookie: str = ""
) -> Result:
    """Return how fast pages are made right after changes; the changes are not timed."""
    result, numbers = Result(), count()
    connections = [Connection(port) for _ in range(clients)]
    while result.seconds < seconds:
        house.change(clients)
        asked = [
            request(
                "GET",
                f"{path}?reader={next(numbers)}",
                cookie=cookie,
                headers={"Accept-Encoding": "gzip"},
            )
            for _ in connections
        ]
        began = time.perf_counter()
        _all_at_once(connections, asked, result)
        result.seconds += time.perf_counter() - began
    for connection in connections:
        connection.close()
    house.change_back()
    return result


def _all_at_once(connections: list[Connection], asked: list[bytes], result: Result) -> None:
    """Send each request over its connection and wait until the last answer is whole."""

    def ask(connection: Connection, raw: bytes) -> None:
        began = time.perf_counter()
        status, _headers, _body = connection.ask(raw)
        took = time.perf_counter() - began
        with lock:
            result.latencies.append(took)
            result.count(status)

    lock = threading.Lock()
    threads = [
        threading.Thread(target=ask, args=pair) for pair in zip(connections, asked, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
