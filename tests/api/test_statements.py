"""How many SQL statements each route costs, when the municipality is known."""

from tests.api.calling import an_application, statements

WEEK = "/facilities/chuo/availability?from=2027-03-08&to=2027-03-14"
MONTH = "/facilities/chuo/availability?from=2027-03-01&to=2027-03-31"


def test_reading_in_public(app, anybody):
    for path, costs in {
        "/facilities": 0, "/facilities/chuo": 0, "/facilities/chuo/rooms": 0,
        WEEK: 3, MONTH: 3, f"{WEEK}&room=room-1": 3,
    }.items():  # fmt: skip
        anybody.get(path)
        with statements(app) as seen:
            anybody.get(path)
        assert len(seen) == costs, "\n".join([path, *seen])


# At most: whoever saves one is welcome to write it down here.
MOST = {
    "apply for one line": 28,
    "apply for three": 31,  # one more for each line
    "apply again under the key": 4,
    "read": 6,
    "cancel": 21,
    "cancel again under the key": 5,
    "without a token": 0,
    "with a token that is none": 2,
}


def test_bookings(app, program):
    program.post("/bookings", an_application())
    three = ({"room": "room-2"}, {"room": "kitchen"}, {"room": "hall", "from": "9:00"})
    number = ""

    def apply(*lines, key):
        nonlocal number
        asked = an_application(*lines)
        number = program.post("/bookings", asked, key=key).get_json()["number"]

    def cancel():
        program.post(f"/bookings/{number}/cancellation", status=200, key="c")

    def without(token):
        headers = {"Authorization": token}
        program.client.post(f"{program.root}/bookings", json=an_application(), headers=headers)

    calls = {
        "apply for one line": lambda: apply({"room": "lobby"}, key="1"),
        "apply for three": lambda: apply(*three, key="3"),
        "apply again under the key": lambda: apply(*three, key="3"),
        "read": lambda: program.get(f"/bookings/{number}"),
        "cancel": cancel,
        "cancel again under the key": cancel,
        "without a token": lambda: without(""),
        "with a token that is none": lambda: without("Bearer kaikan_no"),
    }
    costs, told = {}, []
    for name, call in calls.items():
        with statements(app) as seen:
            call()
        costs[name] = len(seen)
        told += [f"{name}: {one[:90]}" for one in seen]

    assert all(costs[name] <= MOST[name] for name in MOST), (costs, *told)
    assert costs.keys() == MOST.keys()
