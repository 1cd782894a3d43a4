"""The first superuser and the first recipes of an empty database."""

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app import crud
from app.core.config import Settings
from app.core.errors import AppError, ConflictError
from app.core.security import hash_now
from app.db.transactions import Session, make_transactions
from app.db.types import utc_now
from app.schemas.faults import faults_of
from app.schemas.recipe import RecipeCreate
from app.schemas.user import UserCreateByAdmin

logger = logging.getLogger("app.prestart")

RECIPES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("first_recipes.json").read_text(encoding="utf-8")
)
"""Bodies of POST /api/v1/recipes, the newest first."""

PASSWORD_FILE = "first-superuser-password"  # noqa: S105 - the name of a file


def seed(
    session: Session,
    superuser: UserCreateByAdmin,
    hashed_password: str,
    *,
    with_recipes: bool = True,
) -> int:
    """Create the first superuser and its recipes, and return the number of recipes.

    If several processes start at once, one creates everything. The others get a ConflictError for
    the superuser's e-mail address.
    """
    if crud.user.has_superuser(session):
        return 0
    user = crud.user.register(session, superuser, hashed_password, is_superuser=True)
    if not with_recipes or crud.recipe.has_any(session):
        return 0
    now = utc_now()
    for age, document in enumerate(RECIPES):
        recipe, time = RecipeCreate.model_validate(document), now - timedelta(minutes=age)
        crud.recipe.create(session, recipe, submitter_id=user.id, created_at=time, updated_at=time)
    return len(RECIPES)


def superuser_account(settings: Settings) -> UserCreateByAdmin:
    """Return the first superuser's account. A password that is not set is generated into a file."""
    password = settings.first_superuser_password.get_secret_value()
    return UserCreateByAdmin(
        email=settings.first_superuser,
        password=password or settings.kept_secret(PASSWORD_FILE),
    )


def add_first_data(settings: Settings) -> int:
    """Create the first data unless it exists, and return an exit status."""
    transactions = make_transactions(settings)
    try:
        if transactions.run_now(crud.user.has_superuser):
            logger.info("The first data already exists.")
            return 0
        account = superuser_account(settings)
        hashed = hash_now(account.password)
        count = transactions.run_now(
            seed, account, hashed, with_recipes=settings.adds_sample_recipes
        )
    except ValidationError as error:
        for fault in faults_of(error):
            logger.error("The first superuser's %s %s", fault.pointer, fault.detail)
        return 1
    except ConflictError:
        logger.info("Another process has created the first data.")
        return 0
    except AppError as error:
        logger.error("%s", error)
        return 1
    finally:
        transactions.close()
    logger.info("Created the superuser %s and %d recipes.", account.email, count)
    if not settings.first_superuser_password.get_secret_value():
        logger.info("The superuser's password is in %s", settings.data_dir / PASSWORD_FILE)
    return 0
