"""Settings of gunicorn: `gunicorn -c python:app.serving wsgi:application`."""

import os

from app.web import logs

# A service that guessed its database would serve an empty one.
for _name in ("DATABASE_URL", "SECRET_KEY"):
    if not os.environ.get(_name):
        raise SystemExit(f"環境変数 {_name} がありません（README を参照）。")

# Only this machine; in production a reverse proxy with TLS stands in front.
bind = f"127.0.0.1:{os.environ.get('PORT', '8124')}"

# Requests wait for the database, and threads let others go on meanwhile; with one thread for
# each process (sync) the throughput was a quarter.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# The connection pool has as many connections as there are threads, so more would only queue.
threads = int(os.environ.get("WEB_THREADS", "8"))

# Longer than a reverse proxy's idle time (60 s), so that never we close a connection
# on which it is just sending a request.
keepalive = 75

# Nothing is known to leak; a restart by count would hide it if something did.
max_requests = 0

# A worker that says nothing for so long hangs and is replaced. A slow request in a thread
# does not count, so this needs no room for long downloads.
timeout = 30

# Each worker opens its own database connections; one shared over a fork would mix answers.
preload_app = False

# The app logs each request itself, with tenant and request number.
accesslog = None

# Whose X-Forwarded-* to believe: the proxy's addresses, else only this machine.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# On by default in gunicorn 27: a socket in the home folder that two services would share.
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Let each process write its logs as lines of JSON."""
    logs.set_up()
