"""The WSGI application; `flask --app wsgi` and gunicorn start here."""

from app.factory import create_app

application = create_app()
