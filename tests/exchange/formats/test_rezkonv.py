"""RezkonvSuite."""

from app.exchange.formats import rezkonv
from tests.exchange.formats.test_meal_master import read

CAKE = """=====          REZKONV-Rezept  RezkonvSuite v1.4

     Titel: Apfelkuchen
Kategorien: Kuchen, Obst
     Menge: 1 Springform

============================ FÜR DEN TEIG ============================
    250   Gramm   Mehl
      1           Ei
                  Salz
                  -- nach Geschmack

============================== QUELLE ==============================
                  Omas Heft
                  -- Erfasst von mir

Alles verkneten und
ruhen lassen.

Backen.

:Zeit : 50 Min

=====
"""
TEA = """========== REZKONV-Rezept - RezkonvSuite v0.96

     Titel: Tee
     Menge: 2 Tassen

    500    ml Wasser

Kochen.

=====
"""
READ_CAKE = {
    "label": "Apfelkuchen",
    "source": "Omas Heft -- Erfasst von mir",
    "yield_text": "1 Springform",
    "tags": [{"kind": "category", "name": "Kuchen"}, {"kind": "category", "name": "Obst"}],
    "ingredients": [
        {"text": "250 Gramm Mehl", "section": "FÜR DEN TEIG"},
        {"text": "1 Ei", "section": "FÜR DEN TEIG"},
        {"text": "Salz nach Geschmack", "section": "FÜR DEN TEIG"},
    ],
    "steps": [{"text": "Alles verkneten und ruhen lassen."}, {"text": "Backen."}],
    "notes": "Zeit : 50 Min",
}
READ_TEA = {
    "label": "Tee",
    "yield_text": "2 Tassen",
    "ingredients": [{"text": "500 ml Wasser"}],
    "steps": [{"text": "Kochen."}],
}


def test_a_recipe_is_read() -> None:
    assert read(CAKE) == [READ_CAKE]


def test_each_recipe_of_a_file_is_read() -> None:
    assert read(CAKE + "\n" + TEA) == [READ_CAKE, READ_TEA]


def test_the_end_line_may_be_missing() -> None:
    assert read(CAKE.replace("\n=====\n", "\n") + TEA) == [READ_CAKE, READ_TEA]


def test_no_other_text_is_taken() -> None:
    assert rezkonv.read_text("===== Rezepte =====\n\nZutaten\n1 Ei\n") is None
