"""A mail box for the demonstration: takes letters by SMTP and shows them on a page."""

import threading
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask, jsonify, render_template_string, request
from werkzeug.serving import make_server

from app.sims.authenticator import digits_of, seconds_left

MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter that arrived; numbers count up from 1."""

    number: int
    to: str
    subject: str
    body: str
    at: str


class MailBox:
    """The letters that arrived, the newest first; forgotten when the program ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Kept] = deque(maxlen=MOST_KEPT)
        self._count = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a letter; the name is aiosmtpd's."""
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        with self._lock:
            self._count += 1
            self._kept.appendleft(
                Kept(
                    self._count,
                    str(message["To"]),
                    str(message["Subject"]),
                    body.get_content() if body else "",
                    str(message["Date"]),
                )
            )
        return "250 OK"

    def letters(self, to: str = "") -> list[Kept]:
        """Return what arrived for an address, or for all."""
        with self._lock:
            return [kept for kept in self._kept if not to or kept.to == to]


def pages(box: MailBox) -> Flask:
    """Return the pages of a mail box: a list for people, the same as JSON for programs."""
    app = Flask("mailbox")

    @app.get("/")
    def inbox() -> str:
        return render_template_string(PAGE, letters=box.letters(request.args.get("to", "")))

    @app.get("/letters.json")
    def as_json() -> Any:
        found = box.letters(request.args.get("to", ""))
        return jsonify([{f: getattr(one, f) for f in one.__slots__} for one in found])

    @app.get("/authenticator")
    def authenticator_app() -> str:
        typed = request.args.get("email", "")
        return render_template_string(
            APP, email=typed, digits=digits_of(typed) if typed else "", left=seconds_left()
        )

    return app


def run(*, smtp_port: int, http_port: int) -> None:
    """Take letters and show them until the program is ended."""
    box = MailBox()
    controller = Controller(box, hostname="127.0.0.1", port=smtp_port)
    controller.start()
    try:
        make_server("127.0.0.1", http_port, pages(box), threaded=True).serve_forever()
    finally:
        controller.stop()


APP = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>デモ用の認証アプリ</title>
<meta name="viewport" content="width=device-width">
{% if digits %}<meta http-equiv="refresh" content="{{ left }}">{% endif %}
<style>
body { font: 1.125rem/1.7 "BIZ UDPGothic", "Hiragino Sans", "Yu Gothic UI", Meiryo, sans-serif;
       max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: #1a1a1a }
h1 { font-size: 1.75rem } output { font-size: 3rem; letter-spacing: .1em; display: block }
input, button { font: inherit; padding: .5rem .75rem } input { width: 20rem; max-width: 100% }
</style></head><body>
<h1>デモ用の認証アプリ</h1>
<p>本物では、職員のスマートフォンのアプリがこの数字を出します。デモの職員だけに使えます。</p>
<form><p><label>職員のメールアドレス<br>
<input name="email" type="email" value="{{ email }}"></label>
<button>数字を見る</button></p></form>
{% if digits %}<output>{{ digits[:3] }} {{ digits[3:] }}</output>
<p>あと{{ left }}秒で新しくなります。1つの数字は1回だけ使えます。</p>{% endif %}
</body></html>
"""

PAGE = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>デモ用の受信箱</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">
<style>
body { font: 1.125rem/1.7 "BIZ UDPGothic", "Hiragino Sans", "Yu Gothic UI", Meiryo, sans-serif;
       max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: #1a1a1a }
h1 { font-size: 1.75rem } h2 { font-size: 1.25rem; margin: 0 0 .25rem }
article { border-top: 1px solid #949494; padding: 1.25rem 0 }
p { margin: 0 0 .5rem; color: #4d4d4d } pre { font: inherit; white-space: pre-wrap; margin: 0 }
</style></head><body>
<h1>デモ用の受信箱</h1>
<p>このデモが送ったメールがここに届きます。外には送られません。5秒ごとに新しくなります。</p>
{% for letter in letters %}
<article><h2>{{ letter.subject }}</h2><p>{{ letter.to }}　{{ letter.at }}</p>
<pre>{{ letter.body }}</pre></article>
{% else %}<p>まだ届いていません。</p>{% endfor %}
</body></html>
"""
