"""What every answer carries: a strict content policy, no sniffing, no framing, no caching."""

from flask import Flask, Response, request

HTMX = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"  # this file, not its host
POLICY = (
    "default-src 'self'; script-src 'self'{cdn}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)


def register(app: Flask) -> None:
    """Add these headers to every answer."""
    settings = app.config["KAIKAN"]
    policy = POLICY.format(cdn="" if settings.assets_local else f" {HTMX}")
    is_https = settings.base_url.startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if is_https:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if request.endpoint == "static" and "v" in request.args:
            # The address carries a mark of the content, so what it names never changes.
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            # A page may show who is signed in; whoever wants it kept says so itself.
            headers.setdefault("Cache-Control", "private, no-cache")
        return response
