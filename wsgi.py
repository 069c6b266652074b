"""The WSGI application; `flask --app wsgi` and gunicorn start here."""

import os

from app.factory import create_app
from app.local.settings import settings

application = create_app(settings(os.environ))
