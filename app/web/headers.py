"""What every answer carries: a strict content policy, no sniffing, no framing, no caching."""

from flask import Flask, Response, request

from app.config import Settings

HTMX = "https://cdn.jsdelivr.net/npm/htmx.org@4.0.1/dist/htmx.min.js"  # this file, not its host
POLICY = (
    "default-src 'self'; script-src 'self'{cdn}; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'{forms}; frame-ancestors 'none'; "
    "object-src 'none'"
)


def policy(settings: Settings, *, forms: str = "") -> str:
    """Return the content policy; `forms` is where else a form of the page may lead."""
    cdn = "" if settings.assets_local else f" {HTMX}"
    return POLICY.format(cdn=cdn, forms=f" {forms}" if forms else "")


def leads_to_provider(response: Response, settings: Settings) -> Response:
    """Let the forms of a page lead to the payment provider; browsers follow no other redirect."""
    return leads_to(response, settings, settings.stripe_pages)


def leads_to(response: Response, settings: Settings, where: str) -> Response:
    """Let the forms of a page lead elsewhere: to an origin that settings name."""
    response.headers["Content-Security-Policy"] = policy(settings, forms=where)
    return response


def register(app: Flask) -> None:
    """Add these headers to every answer."""
    settings = app.config["KAIKAN"]
    usual = policy(settings)
    is_https = settings.base_url.startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", usual)
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
