"""The settings of this machine: the environment's, or those of the project's own database."""

from collections.abc import Mapping

from app.config import Settings
from app.local.place import Place
from app.local.postgres import PrivatePostgres

DATABASE = "kaikan"


def settings(environment: Mapping[str, str]) -> Settings:
    """Return the environment's settings; without a database in it, the private one's.

    So `flask --app wsgi ...` works right after `make setup`. Nothing is started: a command
    that needs the database says so when the private server does not run. gunicorn never
    comes here without a database of its own (app.serving).
    """
    if environment.get("DATABASE_URL"):
        return Settings.from_environment(environment)
    place = Place.from_environment(environment)
    url = PrivatePostgres(place.postgres).url(DATABASE)
    return Settings.from_environment(place.environment(environment, database_url=url))
