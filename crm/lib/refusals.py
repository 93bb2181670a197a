"""What the web process answers by itself, in front of Django: a plain page for people, problem+json for the API.

Nothing here asks the database or draws a template: these are the answers of moments when there is no time for either.
"""

import asyncio
import html
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

RETRY_SECONDS = 2  # what a client is told to wait when we are busy
UPLOAD_RETRY_SECONDS = 30  # … and when it sends other files; a connection that is gone is noticed within this time
# How much, and for how long, we listen to somebody who is still sending what we have refused: closing at once would
# reset the connection, and most programs would then report the reset and not the answer.
MOST_DRAINED = 32 * 1024 * 1024
DRAIN_SECONDS = 10.0
DRAIN_PAUSE = 1.0


class Refused(Exception):
    """The request ends here. `title` and `detail` are for programs, in English; `heading` and `advice` for people.

    retry: after how many seconds to come again; 0 where that would not help.
    """

    def __init__(
        self, status: int, code: str, *, title: str, detail: str, heading: Promise, advice: Promise, retry: int = 0
    ) -> None:
        super().__init__(code)
        self.status, self.code = status, code
        self.title, self.detail = title, detail
        self.heading, self.advice = heading, advice
        self.retry = retry


def body_too_large(most: int) -> Refused:
    return Refused(
        413,
        "body_too_large",
        title="The body is too large",
        detail=f"Send at most {most} bytes; split a larger batch.",
        heading=_("That is more than this page takes"),
        advice=_("Nothing was saved. If you were uploading a file to import, sign in again and choose it once more."),
    )


def body_too_slow(seconds: float, pause: float) -> Refused:
    no_pause = f", without a pause of more than {pause:.0f}" if pause < seconds else ""
    return Refused(
        408,
        "request_timeout",
        title="The body did not arrive in time",
        detail=f"The body must arrive within {seconds:.0f} seconds{no_pause}.",
        heading=_("The connection was too slow"),
        advice=_("Nothing was saved. Go back and send it again."),
    )


def two_lengths() -> Refused:
    return Refused(
        400,
        "bad_request",
        title="The request cannot be read",
        detail="A request has either a Content-Length or a Transfer-Encoding, never both.",
        heading=_("The request cannot be read"),
        advice=_("Nothing was saved. Go back and send it again."),
    )


def busy() -> Refused:
    return Refused(
        503,
        "unavailable",
        title="Not available for the moment",
        detail="The server is busy. Send the same request again in a moment.",
        heading=_("Very busy at the moment"),
        advice=_("Nothing was saved. Wait a few seconds, then go back and try again."),
        retry=RETRY_SECONDS,
    )


def too_many_uploads(most: int) -> Refused:
    return Refused(
        429,
        "too_many_uploads",
        title="Too many uploads at the same time",
        detail=f"One person sends at most {most} files at the same time.",
        heading=_("Your other uploads are still running"),
        advice=_("Nothing of this file was saved. Wait until one of your uploads has ended, then choose it once more."),
        retry=UPLOAD_RETRY_SECONDS,
    )


def disk_too_full() -> Refused:
    return Refused(
        507,
        "disk_too_full",
        title="No room for this file",
        detail="The disk of this installation has too little free space for a file of this size.",
        heading=_("There is no room for this file"),
        advice=_("Nothing was saved. The disk is nearly full: tell the people who run this installation."),
    )


async def refuse(refusal: Refused, scope: Scope, receive: Receive | None, send: Send) -> None:
    """Answer, then listen a bounded while to what is still being sent; `receive` is None where all has arrived."""
    for_program = scope["path"].startswith("/api/")
    body = _problem(refusal) if for_program else _page(refusal, scope)
    kind = b"application/problem+json" if for_program else b"text/html; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if refusal.retry:
        headers.append((b"retry-after", b"%d" % refusal.retry))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    # The answer is on its way whole; only the end of it, which closes the connection, waits for the drain.
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if receive is not None:
        await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive) -> None:
    end = asyncio.get_running_loop().time() + DRAIN_SECONDS
    drained, more = 0, True
    while more and drained < MOST_DRAINED:
        pause = asyncio.get_running_loop().time() + DRAIN_PAUSE
        try:
            async with asyncio.timeout_at(min(end, pause)):
                message = await receive()
        except TimeoutError:
            return
        drained += len(message.get("body", b""))
        more = message.get("more_body", False)  # absent where the client has gone


def _problem(refusal: Refused) -> bytes:
    return json.dumps(
        {
            "type": f"/api/docs#{refusal.code}",
            "title": refusal.title,
            "status": refusal.status,
            "code": refusal.code,
            "detail": refusal.detail,
        }
    ).encode()


def _page(refusal: Refused, scope: Scope) -> bytes:
    language = _language(scope["headers"])
    with override(language):
        heading, advice = html.escape(str(refusal.heading)), html.escape(str(refusal.advice))
        home = html.escape(str(_("To your shop")))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{heading}</title>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n<p>{advice}</p>\n"
        f'<p><a href="/">{home}</a></p>\n</main>\n</body>\n</html>\n'
    ).encode()


def _language(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The one chosen on our pages, else the browser's, else the installation's."""
    texts = {name: value.decode("latin-1") for name, value in headers if name in (b"cookie", b"accept-language")}
    chosen = parse_cookie(texts.get(b"cookie", "")).get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = [tag for tag, _quality in parse_accept_lang_header(texts.get(b"accept-language", "").lower()[:500])]
    for tag in (chosen, *accepted):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
