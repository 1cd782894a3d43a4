"""A visit: one request of a browser, its form, and the ways to answer it."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.datastructures import URL, FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.api.bodies import read_form
from app.api.deps import transactions_for
from app.api.links import base_url
from app.api.representation import Header
from app.core.config import Settings
from app.core.errors import Fault, ForbiddenError, MalformedError, UnauthenticatedError
from app.core.policy import ANONYMOUS, POLICY
from app.db.reader import Reader
from app.db.transactions import Transactions
from app.web.rendering import NO_REFERRER, page, render
from app.web.sessions import (
    SESSION,
    BrowserSession,
    FormGuard,
    current_session,
    drop_cookie,
    read_cookie,
    renew_session,
    set_cookie,
)
from app.web.template_filters import with_query

NOTICE = "notice"
CSRF_FIELD = "csrf_token"
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')


class FormError(ForbiddenError):
    """A form without the CSRF token of this browser: another site may have sent it."""

    def __init__(self) -> None:
        super().__init__(
            "This form is not from here, or too old. Go back, reload it and try again."
        )


class Form:
    """The fields of a form: texts with plain line feeds, and files."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def __getitem__(self, name: str) -> str:
        """Return the text of a field, or an empty string."""
        return self.exact(name).replace("\r\n", "\n").strip()

    def exact(self, name: str) -> str:
        """Return the text of a field as typed: white space is part of a password."""
        value = self._data.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, *names: str) -> dict[str, str]:
        """Return the texts of these fields."""
        return {name: self[name] for name in names}

    def files(self, name: str) -> list[UploadFile]:
        """Return the files of a field. A field left empty has none."""
        given = self._data.getlist(name)
        return [each for each in given if isinstance(each, UploadFile) and each.filename]


def by_field(faults: Iterable[Fault]) -> dict[str, list[str]]:
    """Group faults by the field of the form: the first part of each pointer."""
    errors: dict[str, list[str]] = {}
    for fault in faults:
        name = (fault.pointer or "").split("/")[1:2] or [fault.parameter or ""]
        errors.setdefault(name[0], []).append(_readable(fault))
    return errors


_THE_VALUE = re.compile(r"\b(?:String|Input|List) should\b")


def _readable(fault: Fault) -> str:
    """Word a fault for people who do not know the types of Pydantic."""
    if fault.code == "string_too_short":
        return "must not be empty"
    return _THE_VALUE.sub("must", fault.detail)


class Visit:
    """The argument of every page: the request, the viewer, and the ways to answer."""

    def __init__(self, request: Request, session: BrowserSession | None) -> None:
        state = request.app.state
        self.request = request
        self.session = session
        self.viewer = session.viewer if session else ANONYMOUS
        self.db: Reader = state.reader
        self.settings: Settings = state.settings
        self.share_key = ""
        """The share key that opened the recipe. Links to its other pages must carry it."""
        self._guard = FormGuard(request, session)
        self._notice = read_cookie(request, NOTICE)
        self._form = FormData()

    # --- The request -----------------------------------------------------------------------------

    @property
    def transactions(self) -> Transactions:
        """Transactions on behalf of the viewer."""
        return transactions_for(self.request, self.viewer)

    @property
    def is_signed_in(self) -> bool:
        """Whether the visitor is signed in."""
        return self.session is not None

    @property
    def path(self) -> str:
        """The path of the page."""
        path: str = self.request.scope["path"]
        return path

    @property
    def address(self) -> str:
        """The path of the page, with the share key if it needs one."""
        return with_query(self.path, key=self.share_key)

    @property
    def base_url(self) -> str:
        """Scheme, host and path of this site without a trailing slash, for absolute URLs."""
        return base_url(self.request)

    def query(self, name: str) -> str:
        """Return a query parameter, or an empty string."""
        return self.request.query_params.get(name, "").strip()

    def admit(self, operation: str) -> None:
        """Raise UnauthenticatedError or ForbiddenError if the policy refuses the viewer."""
        POLICY[operation].admit(self.viewer)

    async def form(self) -> Form:
        """Return the form that was sent. Raise FormError if it is not ours."""
        form, is_ours = await self.unchecked_form()
        if not is_ours:
            raise FormError
        return form

    async def unchecked_form(self) -> tuple[Form, bool]:
        """Return the form, and whether it is ours. If it is not, it must have no effect."""
        # Browsers send UTF-8 without naming it. Another client could name any of Python's codecs,
        # some of which raise their own errors or do not return text.
        media_type = self.request.headers.get("content-type", "").lower().replace('"', "")
        if "charset" in media_type.replace("charset=utf-8", ""):
            raise MalformedError("The form must be in UTF-8.")
        self._form = await read_form(self.request)
        form = Form(self._form)
        return form, self._guard.accepts(form[CSRF_FIELD])

    # --- The answer ------------------------------------------------------------------------------

    @property
    def csrf_field(self) -> Markup:
        """The hidden field that every POST form needs."""
        return _HIDDEN.format(CSRF_FIELD, self._guard.token())

    @property
    def notice(self) -> tuple[str, str] | None:
        """The notice of the page before, shown once: a word known to `notice.html`, and an id."""
        word, _, subject = self._notice.partition("-")
        return (word, subject) if word.isalpha() and (subject.isdecimal() or not subject) else None

    def page(self, template: str, status: int = 200, *headers: Header, **context: Any) -> Response:
        """Render a template, which has this visit as `visit`."""
        html = render(template, visit=self, **context)
        private = bool(self.is_signed_in or self._guard.used or self._notice or self.share_key)
        if self.share_key:
            headers += (NO_REFERRER,)
        response = page(self.request, html, status, *headers, private=private)
        drop_cookie(self.request, response, NOTICE)
        return self.finish(response)

    def redirect(self, path: str, notice: str = "", subject: int | None = None) -> Response:
        """Redirect (303) to one of our pages, which shows `notice` once."""
        # It may set a cookie, and depends on who asked.
        response = RedirectResponse(path, 303, {"Cache-Control": "private, no-cache"})
        if notice:
            word = notice if subject is None else f"{notice}-{subject}"
            set_cookie(self.request, response, NOTICE, word, 60)
        return self.finish(response)

    def sign_in_first(self) -> Response:
        """Redirect to the log-in, which leads back here."""
        here = self.request.url
        if self.request.method != "GET":
            # The target of a form cannot be read, so return to the page with the form.
            came_from = self.request.headers.get("referer", "")
            base = self.base_url
            here = URL(came_from.removeprefix(base) if came_from.startswith(f"{base}/") else "/")
        back = f"{here.path}?{here.query}" if here.query else here.path
        return self.redirect(f"/login?next={quote(back, safe='/')}")

    def finish(self, response: Response) -> Response:
        """Add the cookies that every response needs."""
        self._guard.finish(response)
        if self.session is not None:
            renew_session(self.request, response, self.session)
        else:
            drop_cookie(self.request, response, SESSION)
        return response

    async def close(self) -> None:
        """Close the files of the form."""
        await self._form.close()


def safe_path(path: str) -> str:
    """Return `path` if it is one of our pages, else the home page: no open redirects."""
    # Browsers read a backslash as a slash, and skip tabs and line ends.
    ours = path[:1] == "/" != path[1:2] and path.isprintable() and "\\" not in path
    return path if ours else "/"


PageFunction = Callable[[Visit], Awaitable[Response]]


class Pages:
    """The pages of a module: `@pages.get("/trash", does="restore_recipe")`.

    `does` names the operation of the policy that decides who may call the page. It is None for
    forms that must not be lost if the sender was signed out: the function calls `visit.admit`.
    """

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(self, path: str, *, does: str) -> Callable[[PageFunction], PageFunction]:
        """Add a page."""
        return self._route(path, "GET", does)

    def post(self, path: str, *, does: str | None) -> Callable[[PageFunction], PageFunction]:
        """Add the target of a form."""
        return self._route(path, "POST", does)

    def _route(
        self, path: str, method: str, does: str | None
    ) -> Callable[[PageFunction], PageFunction]:
        def add(function: PageFunction) -> PageFunction:
            async def serve(request: Request) -> Response:
                visit = Visit(request, await current_session(request))
                try:
                    if does is not None:
                        visit.admit(does)
                    return await function(visit)
                except UnauthenticatedError:
                    return visit.sign_in_first()
                finally:
                    await visit.close()

            self.routes.append(Route(path, serve, methods=[method], name=function.__name__))
            return function

        return add
