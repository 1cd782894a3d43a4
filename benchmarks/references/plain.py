"""The plain stack: `def` routes, a session dependency and the ORM, as in the tutorials.

It serves the tables of the service through separate declarative models. It has
no accounts, no conditional requests and no problem documents, so it does less per request.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

# The pool covers the 40 threads that run the routes. With the default of 15 connections, threads
# wait for each other's connections: 64 clients bring the server to a stop.
engine = create_engine(os.environ["BENCH_DATABASE_URL"], pool_size=40)
SessionLocal = sessionmaker(engine)
templates = Jinja2Templates(Path(__file__).parent / "templates")
app = FastAPI()


def now() -> datetime:
    """Return the time as SQLite stores it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    """The base of the models."""


class Recipe(Base):
    """A recipe."""

    __tablename__ = "recipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(256))
    label_key: Mapped[str]
    description: Mapped[str | None]
    url: Mapped[str | None]
    url_key: Mapped[str | None]
    source: Mapped[str | None]
    source_key: Mapped[str | None]
    author: Mapped[str | None]
    language: Mapped[str | None]
    prep_minutes: Mapped[int | None]
    cook_minutes: Mapped[int | None]
    total_minutes: Mapped[int | None]
    servings: Mapped[float | None]
    yield_text: Mapped[str | None]
    ingredients: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    nutrition: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    tags: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    notes: Mapped[str | None]
    visibility: Mapped[str] = mapped_column(default="public")
    extras: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    submitter_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    fingerprint: Mapped[str] = mapped_column(default="")
    change_number: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)


class Ingredient(BaseModel):
    """A line of the ingredients."""

    text: str
    section: str | None = None
    quantity: float | None = None
    quantity_max: float | None = None
    unit: str | None = None
    food: str | None = None
    note: str | None = None
    optional: bool = False


class Step(BaseModel):
    """A step of the preparation."""

    text: str
    section: str | None = None
    name: str | None = None
    minutes: int | None = None


class Tag(BaseModel):
    """A tag."""

    kind: str = "keyword"
    name: str


class Nutrition(BaseModel):
    """What a serving holds."""

    serving_size: str | None = None
    calories: float | None = None
    carbohydrate_g: float | None = None
    cholesterol_mg: float | None = None
    fat_g: float | None = None
    fiber_g: float | None = None
    protein_g: float | None = None
    saturated_fat_g: float | None = None
    sodium_mg: float | None = None
    sugar_g: float | None = None
    trans_fat_g: float | None = None
    unsaturated_fat_g: float | None = None


class RecipeCreate(BaseModel):
    """What a client posts."""

    label: str = Field(min_length=1, max_length=256)
    description: str | None = None
    url: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    prep_minutes: int | None = None
    cook_minutes: int | None = None
    total_minutes: int | None = None
    servings: float | None = None
    yield_text: str | None = None
    ingredients: list[Ingredient] = []
    steps: list[Step] = []
    nutrition: Nutrition | None = None
    tags: list[Tag] = []
    notes: str | None = None


class RecipePublic(RecipeCreate):
    """A whole recipe."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    visibility: str
    extras: dict[str, Any]
    submitter_id: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class RecipeSummary(BaseModel):
    """A recipe in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    label: str
    url: str | None
    source: str | None
    description: str | None
    total_minutes: int | None
    servings: float | None
    tags: list[Tag]
    submitter_id: int | None
    visibility: str
    created_at: datetime
    updated_at: datetime
    version: int


class RecipePage(BaseModel):
    """A list of recipes."""

    items: list[RecipeSummary]


def get_session() -> Iterator[Session]:
    """A session for the time of a request."""
    with SessionLocal() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def latest(session: Session, count: int) -> list[Recipe]:
    """The latest public recipes."""
    statement = (
        select(Recipe)
        .where(Recipe.deleted_at.is_(None), Recipe.visibility == "public")
        .order_by(Recipe.created_at.desc(), Recipe.id.desc())
        .limit(count)
    )
    return list(session.scalars(statement))


@app.get("/")
def home(request: Request, session: SessionDep) -> Response:
    """The ten latest recipes as a page."""
    return templates.TemplateResponse(request, "home.html", {"recipes": latest(session, 10)})


@app.get("/api/v1/recipes", response_model=RecipePage)
def read_recipes(session: SessionDep, limit: int = 20) -> dict[str, Any]:
    """The latest recipes."""
    return {"items": latest(session, limit)}


@app.get("/api/v1/recipes/{recipe_id}", response_model=RecipePublic)
def read_recipe(recipe_id: int, session: SessionDep) -> Recipe:
    """One recipe."""
    recipe = session.get(Recipe, recipe_id)
    if recipe is None or recipe.deleted_at or recipe.visibility == "private":
        raise HTTPException(404)
    return recipe


@app.post("/api/v1/recipes", response_model=RecipePublic, status_code=201)
def create_recipe(body: RecipeCreate, session: SessionDep) -> Recipe:
    """Store one recipe."""
    keys = {
        "label_key": body.label.casefold(),
        "source_key": body.source.casefold() if body.source else None,
        "url_key": body.url,
    }
    recipe = Recipe(**body.model_dump(), **keys)
    session.add(recipe)
    session.commit()
    session.refresh(recipe)
    return recipe
