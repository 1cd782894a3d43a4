"""Browser sessions in a cookie, and the CSRF tokens of forms."""

import secrets
import time
from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from app.api.deps import viewer_of
from app.core.config import Settings
from app.core.policy import Viewer
from app.core.root_path import root_path
from app.core.security import Claims, create_access_token, form_token, read_session_token
from app.db.reader import Row

SESSION = "session"
VISITOR = "visitor"
"""The cookie of visitors who are not signed in. It ties their forms to their browser."""
MAX_LIFETIME = timedelta(days=30)
"""After this one signs in again, however active. Otherwise a stolen session would never end."""


class BrowserSession(NamedTuple):
    """A browser in which someone is signed in."""

    viewer: Viewer
    claims: Claims
    expires_at: int


async def current_session(request: Request) -> BrowserSession | None:
    """Return the session of the browser, if it is still valid."""
    token = read_cookie(request, SESSION)
    if not token:
        return None
    state = request.app.state
    found = read_session_token(token, state.secret)
    if found is None:
        return None
    claims, expires_at = found
    viewer = await viewer_of(state, claims)
    return BrowserSession(viewer, claims, expires_at) if viewer else None


def begin_session(request: Request, response: Response, account: Row) -> None:
    """Sign someone in, always with a new session."""
    session_id, now = secrets.token_urlsafe(16), int(time.time())
    claims = Claims(account["id"], account["token_version"], session_id, now)
    _set_session(request, response, claims, _lifetime(request))
    drop_cookie(request, response, VISITOR)


def renew_session(request: Request, response: Response, session: BrowserSession) -> None:
    """Renew a session that is past half of its lifetime, so that active readers stay signed in."""
    lifetime, now = _lifetime(request), time.time()
    longest = session.claims.signed_in_at + MAX_LIFETIME.total_seconds() - now
    if session.expires_at - now < min(lifetime.total_seconds() / 2, longest):
        _set_session(request, response, session.claims, min(lifetime, timedelta(seconds=longest)))


def _set_session(request: Request, response: Response, claims: Claims, lifetime: timedelta) -> None:
    token = create_access_token(claims, request.app.state.secret, lifetime)
    set_cookie(request, response, SESSION, token, int(lifetime.total_seconds()))


def _lifetime(request: Request) -> timedelta:
    settings: Settings = request.app.state.settings
    return min(timedelta(minutes=settings.access_token_minutes), MAX_LIFETIME)


# --- Forms ---------------------------------------------------------------------------------------


class FormGuard:
    """Makes and checks the CSRF token of forms.

    Another site cannot know the token: it is derived from the session's id, or from a random
    cookie if there is no session (the signed double-submit cookie of OWASP's cheat sheet).
    """

    def __init__(self, request: Request, session: BrowserSession | None) -> None:
        self._request = request
        self._session_id = session.claims.session_id if session else ""
        self._visitor = "" if session else read_cookie(request, VISITOR)
        self._new_visitor = False
        self.used = False
        """Whether the page contains the token, so that only this browser may cache it."""

    def token(self) -> str:
        """Return the token for a form on the page."""
        self.used = True
        if not self._session_id and not self._visitor:
            self._visitor, self._new_visitor = secrets.token_urlsafe(16), True
        return self._token()

    def accepts(self, token: str) -> bool:
        """Return whether a form with this token is ours and was made for this browser."""
        if not self._session_id and not self._visitor:
            return False
        return secrets.compare_digest(token.encode(), self._token().encode())

    def finish(self, response: Response) -> None:
        """Set the visitor cookie if the page needed a new one."""
        if self._new_visitor:
            set_cookie(self._request, response, VISITOR, self._visitor)

    def _token(self) -> str:
        about = self._session_id or f"visitor {self._visitor}"
        return form_token(about, self._request.app.state.secret)


# --- Cookies -------------------------------------------------------------------------------------


def _full_name(request: Request, name: str) -> str:
    # Browsers refuse a cookie with these prefixes if it was not set over TLS. __Host- also binds it
    # to the host, which only fits a site that has its host for itself.
    if request.url.scheme != "https":
        return name
    return f"__Secure-{name}" if root_path.get() else f"__Host-{name}"


def read_cookie(request: Request, name: str) -> str:
    """Return the value of one of our cookies, or an empty string."""
    # Not http.cookies: before Python 3.11.10 it takes a minute to unquote 64 KiB. It also strips
    # any white space from names, which browsers do not, so another site could set a cookie that
    # has our prefix only after stripping. Our cookies are never quoted.
    wanted, value = _full_name(request, name), ""
    for header in request.headers.getlist("cookie"):
        for pair in header.split(";"):
            given, _, rest = pair.strip(" \t").partition("=")
            if given == wanted:
                value = rest
    return value


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    """Set a cookie that scripts cannot read and forms of other sites do not send."""
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=seconds,
        path=root_path.get() or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Delete a cookie if the browser has it."""
    if read_cookie(request, name):
        set_cookie(request, response, name, "", 0)
