"""CSV of any application, and our own."""

import pytest

from app.core.errors import InvalidError
from app.exchange.documents import to_document
from app.exchange.drafts import Draft, Unreadable
from app.exchange.files import table
from app.exchange.formats import plain_csv
from app.exchange.writing import csv_rows
from app.schemas.recipe import RecipeCreate, RecipeDocument
from tests.documents import WHOLE
from tests.exchange.archiving import archive_of

TOAST = {
    "label": "Toast",
    "ingredients": [{"text": "2 slices bread"}, {"text": "butter"}],
    "steps": [{"text": "Toast."}, {"text": "Spread."}],
}

SAME = {
    "comma": 'title,ingredients,directions\nToast,"2 slices bread\nbutter","Toast.\nSpread."\n',
    "semicolon": 'Name;Ingredients;Steps\nToast;"- 2 slices bread\n- butter";"Toast.\n\nSpread."',
    "tab": 'TITLE\tINGREDIENTS\tMETHOD\nToast\t"2 slices bread\nbutter"\t"1. Toast.\n2. Spread."',
    "byte order mark": (
        "\ufeffRecipe Name,Ingredients,Instructions\r\n"
        'Toast,"2 slices bread\r\nbutter","Toast.\r\nSpread."\r\n'
    ),
    "told separator": "sep=;\n"
    'name;ingredients;steps\nToast;"2 slices bread\nbutter";"Toast.\nSpread."',
    "quoted header": '"label","ingredients","steps"\n'
    'Toast,"2 slices bread\nbutter","Toast.\nSpread."',
    "blank rows": "\ntitle,ingredients,steps\n,,\n\n"
    'Toast,"2 slices bread\nbutter","Toast.\nSpread."\n,,\n',
}


def drafts_of(text: str) -> list[Draft | Unreadable]:
    drafts = plain_csv.read_text(text)
    assert drafts is not None
    return list(drafts)


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_spellings_of_one_table(text: str) -> None:
    assert drafts_of(text) == [Draft(TOAST)]


def test_all_columns() -> None:
    text = (
        "title,Description,source_url,Source,Author,prep time,cookTime,Time,Serves,Yield,Category,"
        "Course,cuisine,Tags,Diet,equipment,ingredients,directions,Notes,Comments,kcal,Protein,"
        "Nutrition,Rating,Price\n"
        "'=Pie,'-crisp,https://example.org/pie,Granny,Ann,20 min,PT1H,later,8,1 pie,Dessert,"
        '"Bakes, sweets",US,a; b,Vegan,tin,"[Crust]\nflour\n\n[Filling]\n3 apples",'
        '"[Crust]\nKnead.",'
        '**Hot**,Or cold,300 kcal,3 g,"Fat: 9 g\nFilling",5,"\'+1"\n'
    )
    assert drafts_of(text) == [
        Draft(
            {
                "label": "=Pie",
                "description": "-crisp",
                "source": "Granny",
                "url": "https://example.org/pie",
                "author": "Ann",
                "prep_minutes": 20,
                "cook_minutes": 60,
                "servings": 8,
                "yield_text": "1 pie",
                "tags": [
                    {"kind": "category", "name": "Dessert"},
                    {"kind": "category", "name": "Bakes"},
                    {"kind": "category", "name": "sweets"},
                    {"kind": "cuisine", "name": "US"},
                    {"kind": "diet", "name": "Vegan"},
                    {"kind": "tool", "name": "tin"},
                    {"kind": "keyword", "name": "a"},
                    {"kind": "keyword", "name": "b"},
                ],
                "ingredients": [
                    {"text": "flour", "section": "Crust"},
                    {"text": "3 apples", "section": "Filling"},
                ],
                "steps": [{"text": "Knead.", "section": "Crust"}],
                "nutrition": {"fat_g": 9, "calories": 300, "protein_g": 3},
                "notes": "**Hot**\nOr cold",
                "extras": {
                    "Rating": "5",
                    "Price": "+1",
                    "total_minutes": "later",
                    "nutrition": "Filling",
                },
            }
        )
    ]


def test_my_recipe_box() -> None:
    text = (
        "title,preparationTime,cookingTime,totalTime,quantity,ingredients,instructions,categories,"
        "tags,source,notes,nutrition,rating,video,originalPicture\n"
        'Dal,10 min,25 min,,4 portions,"1 cup lentils\nwater","Rinse.\nBoil.",Soup;Vegan,'
        "easy;cheap,"
        'https://example.org/dal,Good.,"Protein: 12 g\nSodium: 0.4 g",5,https://example.org/v,\n'
    )
    assert drafts_of(text) == [
        Draft(
            {
                "label": "Dal",
                "url": "https://example.org/dal",
                "prep_minutes": 10,
                "cook_minutes": 25,
                "servings": 4,
                "tags": [
                    {"kind": "category", "name": "Soup"},
                    {"kind": "category", "name": "Vegan"},
                    {"kind": "keyword", "name": "easy"},
                    {"kind": "keyword", "name": "cheap"},
                ],
                "ingredients": [{"text": "1 cup lentils"}, {"text": "water"}],
                "steps": [{"text": "Rinse."}, {"text": "Boil."}],
                "nutrition": {"protein_g": 12, "sodium_mg": 400},
                "notes": "Good.",
                "extras": {"rating": "5", "video": "https://example.org/v"},
            }
        )
    ]


def test_a_broken_row_does_not_end_the_table() -> None:
    good = 'Toast,"2 slices bread\nbutter","Toast.\nSpread."\n'
    text = f"title,ingredients,steps\n{good}Soup,leeks,Boil,it\nLong,{'x' * 600_000},\n{good}"
    assert drafts_of(text) == [
        Draft(TOAST),
        Unreadable("Soup", "The row has more cells than the header has columns."),
        Unreadable("Long", "A cell may hold 524,288 characters, one holds more."),
        Draft(TOAST),
    ]


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "title,steps\n" + "Toast,\n" * 4
    monkeypatch.setattr(table, "MAX_ROWS", 2)
    *recipes, end = drafts_of(text)
    assert recipes == [Draft({"label": "Toast"})] * 2
    assert end == Unreadable(None, "A table may hold 2 rows; the rest is left out.")
    monkeypatch.setattr(table, "MAX_CELLS", 2)
    with pytest.raises(InvalidError, match="A table may hold 2 cells"):
        drafts_of(text)


def test_our_own_export_is_read_back() -> None:
    recipe = RecipeCreate.model_validate(WHOLE).model_dump(include=set(RecipeDocument.model_fields))
    text = (csv_rows.header() + csv_rows.rows([recipe])).decode()
    (draft,) = drafts_of(text)
    assert isinstance(draft, Draft)
    read = to_document(draft).model_dump()
    # A cell of text has no place for these, and text of others is tidied.
    recipe["ingredients"][1] |= {"optional": False}
    recipe["steps"][0] |= {"name": None, "minutes": None, "text": "The base: Whisk."}
    recipe["steps"][1] |= {"text": "Bake,\nthen cool."}
    assert {**read, "ingredients": None} == {**recipe, "ingredients": None}
    lines = [(each["text"], each["section"]) for each in read["ingredients"]]
    assert lines == [(each["text"], each["section"]) for each in recipe["ingredients"]]


def test_our_own_export_edited_in_a_spreadsheet() -> None:
    names = ",".join(RecipeDocument.model_fields)
    (draft,) = drafts_of(
        f'{names},colour\n\'=1,,,,,,soon,,,4.0,,"odd\ncuisine:Thai","## A\n1 egg\n##\n<b>",'
        '"## A\n\nBoil.\n\n##",x: 3,,,not JSON,red\n'
    )
    assert draft == Draft(
        {
            "label": "=1",
            "prep_minutes": "soon",
            "servings": 4,
            "tags": [{"kind": "keyword", "name": "odd"}, {"kind": "cuisine", "name": "Thai"}],
            "ingredients": [{"text": "1 egg", "section": "A"}, {"text": "<b>"}],
            "steps": [{"text": "Boil.", "section": "A"}],
            "extras": {"extras": "not JSON", "colour": "red"},
        }
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "title",
        "title,price\nToast,3",
        "a;b\n1;2",
        "Toast, with butter\n\nMix, and bake.",
        '"',
    ],
)
def test_other_formats_are_not_read(text: str) -> None:
    assert plain_csv.read_text(text) is None


def test_archive() -> None:
    archive = archive_of({"a.csv": b"x,y", "b.csv": SAME["comma"].encode()})
    assert list(plain_csv.read_archive(archive) or ()) == [Draft(TOAST)]
    assert plain_csv.read_archive(archive_of({"a.csv": b"x,y"})) is None
