"""Who reads the pages: a session in a cookie, and the token that its forms carry."""

import secrets
import time
from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from app.api.credentials import viewer_of
from app.core.config import Settings
from app.core.policy import Viewer
from app.core.root_path import root_path
from app.core.security import Claims, create_access_token, form_token, read_session_token
from app.db.reader import Row

SESSION = "session"
VISITOR = "visitor"
"""Of those who have not signed in: it ties their forms to their browser."""
LONGEST = timedelta(days=30)
"""After so long one signs in again, however active: else a stolen session would never end."""


class Session(NamedTuple):
    """A browser in which somebody has signed in."""

    viewer: Viewer
    claims: Claims
    expires_at: int


async def current_session(request: Request) -> Session | None:
    """The session of the browser, as long as its account has it."""
    token = read_cookie(request, SESSION)
    if not token:
        return None
    state = request.app.state
    found = read_session_token(token, state.secret)
    if found is None:
        return None
    claims, expires_at = found
    viewer = await viewer_of(state, claims)
    return Session(viewer, claims, expires_at) if viewer else None


def begin_session(request: Request, response: Response, account: Row) -> None:
    """Sign somebody in; the session is a new one, whatever the browser had before."""
    session_id, now = secrets.token_urlsafe(16), int(time.time())
    claims = Claims(account["id"], account["token_version"], session_id, now)
    _set_session(request, response, claims, _lifetime(request))
    drop_cookie(request, response, VISITOR)


def prolong_session(request: Request, response: Response, session: Session) -> None:
    """Let a session go on where half of its time has passed, so that no active reader loses it."""
    lifetime, now = _lifetime(request), time.time()
    longest = session.claims.signed_in_at + LONGEST.total_seconds() - now
    if session.expires_at - now < min(lifetime.total_seconds() / 2, longest):
        _set_session(request, response, session.claims, min(lifetime, timedelta(seconds=longest)))


def _set_session(request: Request, response: Response, claims: Claims, lifetime: timedelta) -> None:
    token = create_access_token(claims, request.app.state.secret, lifetime)
    set_cookie(request, response, SESSION, token, int(lifetime.total_seconds()))


def _lifetime(request: Request) -> timedelta:
    settings: Settings = request.app.state.settings
    return min(timedelta(minutes=settings.access_token_minutes), LONGEST)


# --- Forms ---------------------------------------------------------------------------------------


class FormGuard:
    """The token that forms carry, and the cookie that it belongs to.

    A form of another site cannot know the token: it is made of the session's id, or of a random
    cookie where there is no session (the signed double-submit cookie of OWASP's cheat sheet).
    """

    def __init__(self, request: Request, session: Session | None) -> None:
        self._request = request
        self._session_id = session.claims.session_id if session else ""
        self._visitor = "" if session else read_cookie(request, VISITOR)
        self._new_visitor = False
        self.used = False
        """Whether the page has the token, and so belongs to this browser alone."""

    def token(self) -> str:
        """The token for a form of the page."""
        self.used = True
        if not self._session_id and not self._visitor:
            self._visitor, self._new_visitor = secrets.token_urlsafe(16), True
        return self._token()

    def accepts(self, token: str) -> bool:
        """Whether a form with this token is one of ours, and of this browser."""
        if not self._session_id and not self._visitor:
            return False
        return secrets.compare_digest(token.encode(), self._token().encode())

    def finish(self, response: Response) -> None:
        """Give the browser its cookie, where the page made one necessary."""
        if self._new_visitor:
            set_cookie(self._request, response, VISITOR, self._visitor)

    def _token(self) -> str:
        about = self._session_id or f"visitor {self._visitor}"
        return form_token(about, self._request.app.state.secret)


# --- Cookies -------------------------------------------------------------------------------------


def _full_name(request: Request, name: str) -> str:
    # The prefixes make browsers refuse such a cookie if it was not set over TLS, and __Host- also
    # if it is from another host. That one is for a site that has its host for itself.
    if request.url.scheme != "https":
        return name
    return f"__Secure-{name}" if root_path.get() else f"__Host-{name}"


def read_cookie(request: Request, name: str) -> str:
    """The value of a cookie of ours, else nothing."""
    # Ours are never quoted. To unquote those of others, as the library does, takes Python before
    # 3.11.10 a minute for 64 KiB. And it strips any white space from a name: browsers do not, so
    # there somebody else may set a cookie that has our prefix only after that.
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
    """Set a cookie that no script sees and no form of another site brings along."""
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
    """Take a cookie back, if the browser has it."""
    if read_cookie(request, name):
        set_cookie(request, response, name, "", 0)
