from app.cli.demo import SHIPPED
from app.packs.loader import load
from tests import builders


def test_x(bare_app):
    with bare_app.app_context():
        for name in ("akiruno", "akishima"):
            s = load(SHIPPED / name, now=builders.MONDAY_9AM)
            print("\n".join(s.lines))
            s = load(SHIPPED / name, now=builders.MONDAY_9AM)
            print("\n".join(s.lines))
            assert not s.changes
