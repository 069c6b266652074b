"""Runs the measurements and prints them as ratios to the bare routes of the same run."""

from datetime import timedelta

from bench.house import House
from bench.load import Connection, Result, closed_loop, request, same

SECONDS, CLIENTS = 5.0, 16


def main() -> None:
    """Measure the bare routes and the week grid, and print the table."""
    house = House()
    house.book(2000, first=house.monday)
    week = f"/bench/facilities/hall/weeks/{house.monday + timedelta(days=7)}"
    with house.served() as port:
        _status, headers, _body = Connection(port).ask(request("GET", week))
        tag = {"If-None-Match": headers["etag"]}
        rows = {
            "hello": _run(port, request("GET", "/bench/hello")),
            "insert": _run(port, request("POST", "/bench/insert")),
            "week grid, unchanged (200)": _run(port, request("GET", week)),
            "week grid, unchanged (304)": _run(port, request("GET", week, headers=tag)),
        }
    hello = rows["hello"].rate
    print(f"{'':<30}{'/s':>8}{'of hello':>10}{'p50 ms':>8}{'p99 ms':>8}  statuses")
    for name, row in rows.items():
        print(
            f"{name:<30}{row.rate:>8.0f}{row.rate / hello:>10.3f}"
            f"{row.percentile(0.5):>8.1f}{row.percentile(0.99):>8.1f}  {row.statuses}"
        )


def _run(port: int, raw: bytes) -> Result:
    closed_loop(port, [same(raw)] * CLIENTS, seconds=1.0)  # warm up
    return closed_loop(port, [same(raw)] * CLIENTS, seconds=SECONDS)


if __name__ == "__main__":
    main()
