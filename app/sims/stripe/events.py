"""Events: what happened, told to every endpoint that takes the account's."""

from app.sims.stripe.world import Body, World, new_id, shown

API_VERSION = "2026-10-28.endive"


def emit(world: World, kind: str, body: Body) -> None:
    """Note that something happened to an object as it is now, and promise its deliveries."""
    account = world.account_of(body)
    takers = world.takers(account)
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": world.clock.epoch(),
        "data": {"object": shown(body)},
        "livemode": False,
        "pending_webhooks": len(takers),
        "request": dict(world.asked),
        "type": kind,
    }
    if world.accounts.is_connected(account):
        event["account"] = account
    keep(world, account, event)
    for endpoint in takers:
        world.deliveries.append(
            {
                "id": new_id("dlv"),
                "event": event["id"],
                "type": kind,
                "account": account,
                "url": endpoint.url,
                "state": "held" if world.holding else "waiting",
                "attempts": [],
            }
        )


def keep(world: World, account: str, event: Body) -> None:
    """Keep an event of an account."""
    world.events.append({"account": account, "body": event})


def event(world: World, ident: str) -> Body | None:
    """Return an event by its id."""
    return next((one["body"] for one in world.events if one["body"]["id"] == ident), None)


def events_of(world: World, account: str) -> list[Body]:
    """Return the events of an account, the oldest first."""
    return [one["body"] for one in world.events if one["account"] == account]
