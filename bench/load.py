"""A closed loop of clients over kept-alive sockets: each sends when its last answer is whole."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
Answer = tuple[int, dict[str, str], bytes]


class Connection:
    """One kept-alive connection that speaks just enough HTTP/1.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send a request and return status, headers (lower case) and body."""
        if self.socket is None:
            self.socket = socket.create_connection((HOST, self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        return self._read()

    def _read(self) -> Answer:
        assert self.socket is not None
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._some()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            name = name.lower()
            headers[name] = f"{headers[name]}\n{value}" if name in headers else value
        length = 0 if status == 304 else int(headers.get("content-length", "0"))
        while len(body) < length:
            body += self._some()
        if headers.get("connection") == "close":
            self.close()
        return status, headers, body

    def _some(self) -> bytes:
        assert self.socket is not None
        data = self.socket.recv(262144)
        if not data:
            self.close()
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.close()
        self.socket = None


def request(
    method: str,
    path: str,
    *,
    body: bytes = b"",
    cookie: str = "",
    headers: dict[str, str] | None = None,
) -> bytes:
    """Return the bytes of a request as a browser of this site would send it."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    sent = dict(headers or {})
    if method == "POST":
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        lines += ["Sec-Fetch-Site: same-origin", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Result:
    """How many were finished in how long, what each took, and the statuses met."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Return how many were finished in a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that this share stayed below."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0

    def count(self, status: int) -> None:
        """Note a status."""
        self.statuses[status] = self.statuses.get(status, 0) + 1


Step = Callable[[Connection, Result], bool]  # does one unit of work; False: nothing left to do


def closed_loop(port: int, steps: list[Step], *, seconds: float) -> Result:
    """Run each step again and again, one client each, for so many seconds."""
    result, lock = Result(), threading.Lock()
    gate = threading.Barrier(len(steps) + 1)
    end = [0.0]

    def client(step: Step) -> None:
        connection, own = Connection(port), Result()
        gate.wait()
        while time.perf_counter() < end[0]:
            began = time.perf_counter()
            if not step(connection, own):
                break
            own.latencies.append(time.perf_counter() - began)
        connection.close()
        with lock:
            result.latencies += own.latencies
            for status, times in own.statuses.items():
                result.statuses[status] = result.statuses.get(status, 0) + times

    threads = [threading.Thread(target=client, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    end[0] = began + seconds
    gate.wait()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    return result


def same(raw: bytes) -> Step:
    """Return a step that asks the same again and again."""

    def step(connection: Connection, result: Result) -> bool:
        status, _headers, _body = connection.ask(raw)
        result.count(status)
        return True

    return step


def chunks(items: list[int], parts: int) -> Iterator[list[int]]:
    """Deal items out to so many clients."""
    for part in range(parts):
        yield items[part::parts]
