"""Sign up, sign in and sign out."""

from pydantic import ValidationError
from starlette.responses import Response

from app import crud
from app.api.deps import client_network
from app.api.passwords import password_check, register
from app.core.errors import ConflictError, InvalidError
from app.db.reader import Row
from app.schemas.faults import faults_of
from app.schemas.user import LoginForm, UserCreate
from app.web.sessions import begin_session
from app.web.visit import Form, Pages, Visit, by_field, safe_path

pages = Pages()

NAMES = ("first_name", "surname")


@pages.get("/signup", does="sign_up")
async def show_sign_up(visit: Visit) -> Response:
    """Show the sign-up form."""
    path = visit.query("next")
    return _redirect_if_signed_in(visit, path) or _sign_up_page(visit, next=path)


@pages.post("/signup", does="sign_up")
async def sign_up(visit: Visit) -> Response:
    """Create an account and sign in."""
    if visit.settings.signup == "closed":
        return _sign_up_page(visit)
    form = await visit.form()
    typed = form.texts("email", *NAMES, "next")
    names = {name: typed[name] or None for name in NAMES}
    try:
        data = UserCreate(email=typed["email"], password=form.exact("password"), **names)
        limiter, network = visit.request.app.state.rate_limiter, await client_network(visit.request)
        user = await register(data, limiter, network, visit.transactions)
    except ValidationError as error:
        return _sign_up_page(visit, 422, by_field(faults_of(error)), **typed)
    except InvalidError as error:
        return _sign_up_page(visit, 422, by_field(error.faults), **typed)
    except ConflictError as error:
        return _sign_up_page(visit, 409, {"email": [error.detail]}, **typed)
    return _begin(visit, Row(id=user.id, token_version=user.token_version), form)


@pages.get("/login", does="log_in")
async def show_log_in(visit: Visit) -> Response:
    """Show the sign-in form."""
    return _redirect_if_signed_in(visit, visit.query("next")) or visit.page(
        "login.html", email="", next=safe_path(visit.query("next")), is_wrong=False
    )


@pages.post("/login", does="log_in")
async def log_in(visit: Visit) -> Response:
    """Sign in. A failure looks the same and takes as long for every address."""
    form = await visit.form()
    account = await _account_of(visit, form["email"], form.exact("password"))
    if account is not None:
        return _begin(visit, account, form)
    # Not 401, which must come with a challenge for HTTP authentication (RFC 9110).
    return visit.page(
        "login.html", 422, email=form["email"], next=safe_path(form["next"]), is_wrong=True
    )


@pages.get("/logout", does="log_in")
async def show_log_out(visit: Visit) -> Response:
    """Ask whether to sign out here or everywhere."""
    return visit.page("logout.html") if visit.is_signed_in else visit.redirect("/")


@pages.post("/logout", does="log_in")
async def log_out(visit: Visit) -> Response:
    """End this session, or all of them."""
    form = await visit.form()
    if form["everywhere"]:
        visit.admit("log_out_everywhere")
        await visit.transactions.run(crud.user.end_sessions, visit.viewer)
    visit.session = None
    return visit.redirect("/", "left")


def _redirect_if_signed_in(visit: Visit, path: str) -> Response | None:
    return visit.redirect(safe_path(path)) if visit.is_signed_in else None


def _sign_up_page(
    visit: Visit, status: int = 200, errors: dict[str, list[str]] | None = None, **typed: str
) -> Response:
    is_closed = visit.settings.signup == "closed"
    form = {name: typed.get(name, "") for name in ("email", *NAMES)}
    form["next"] = safe_path(typed.get("next", ""))
    status = 403 if is_closed else status
    return visit.page("signup.html", status, is_closed=is_closed, form=form, errors=errors or {})


async def _account_of(visit: Visit, email: str, password: str) -> Row | None:
    try:
        form = LoginForm(username=email, password=password)
    except ValidationError:
        return None  # Longer than any stored one.
    account = await crud.user.get_by_email(visit.db, form.username)
    limiter, network = visit.request.app.state.rate_limiter, await client_network(visit.request)
    is_password_of = await password_check(limiter, network, visit.transactions)
    return account if await is_password_of(email, account, password) else None


def _begin(visit: Visit, account: Row, form: Form) -> Response:
    response = visit.redirect(safe_path(form["next"]), "welcome")
    begin_session(visit.request, response, account)
    return response
