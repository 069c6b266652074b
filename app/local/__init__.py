"""A newcomer's machine: starts and stops everything that Kaikan needs there, and leaves nothing.

__main__    python -m app.local run | stop | reset | demo-day        ← start here
commands    what these four do
supervisor  keeps the children running, until somebody asks to stop
postgres    the private PostgreSQL, also for tests
browser     Chromium and Japanese fonts for the browser tests
"""
