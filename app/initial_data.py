"""Third step of prestart.sh: the first superuser and the first recipes, once."""

import logging
import sys
from datetime import timedelta

from pydantic import ValidationError

from app import crud
from app.core.config import Settings, get_settings
from app.core.errors import AppError, ConflictError
from app.core.logging import configure_logging
from app.core.security import hash_now
from app.db.session import Session, make_writer
from app.db.types import utc_now
from app.recipe_data import RECIPES
from app.schemas.faults import faults_of
from app.schemas.recipe import RecipeCreate
from app.schemas.user import UserCreateByAdmin

logger = logging.getLogger("app.prestart")

PASSWORD_FILE = "first-superuser-password"  # noqa: S105 - the name of a file


def seed(
    session: Session,
    superuser: UserCreateByAdmin,
    hashed_password: str,
    *,
    with_recipes: bool = True,
) -> int:
    """The first superuser and its recipes; how many of them were made.

    All in one transaction: whoever makes the superuser makes the recipes as well, and of several
    that start at once the others meet its unique e-mail address and find everything done.
    """
    if crud.user.has_superuser(session):
        return 0
    user = crud.user.register(session, superuser, hashed_password, is_superuser=True)
    if not with_recipes or crud.recipe.has_any(session):
        return 0
    now = utc_now()
    for age, document in enumerate(RECIPES):
        made = now - timedelta(minutes=age)
        recipe = RecipeCreate.model_validate(document)
        crud.recipe.create(session, recipe, submitter_id=user.id, created_at=made, updated_at=made)
    return len(RECIPES)


def superuser_account(settings: Settings) -> UserCreateByAdmin:
    """The account of the first superuser; a password that is not set is made and kept in a file."""
    password = settings.first_superuser_password.get_secret_value()
    return UserCreateByAdmin(
        email=settings.first_superuser,
        password=password or settings.kept_secret(PASSWORD_FILE),
    )


def main() -> int:
    """Add the first data where there is none."""
    settings = get_settings()
    configure_logging(settings)
    writer = make_writer(settings)
    try:
        if writer.now(crud.user.has_superuser):
            logger.info("The first data is there already.")
            return 0
        account = superuser_account(settings)
        hashed = hash_now(account.password)
        made = writer.now(seed, account, hashed, with_recipes=settings.adds_sample_recipes)
    except ValidationError as error:
        for fault in faults_of(error):
            logger.error("The first superuser's %s %s", fault.pointer, fault.detail)
        return 1
    except ConflictError:
        logger.info("Another process has added the first data.")
        return 0
    except AppError as error:
        logger.error("%s", error)
        return 1
    finally:
        writer.close()
    logger.info("Made the superuser %s and %d recipes.", account.email, made)
    if not settings.first_superuser_password.get_secret_value():
        logger.info("The superuser's password is in %s", settings.data_dir / PASSWORD_FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
