"""Kitchen units and their names in English, German, French, Spanish and Italian."""

# ruff: noqa: RUF001, RUF002, RUF003 - This module reads hyphens and apostrophes of every kind.

import re
from typing import NamedTuple

from app.core.text import fold


class Unit(NamedTuple):
    """A unit by its English name or symbol, whatever the language of the recipe."""

    name: str
    is_measure: bool
    """Whether it is a weight, volume or length. Other units count things and packages."""


# Other names of each unit. Case, accents and full stops do not matter, except in _BY_CASE.
_MEASURES = {
    "mg": "milligram, milligrams, milligramm, milligramme, milligrammes, miligramo, miligramos",
    "g": "gr, grm, gram, grams, gramm, gramme, grammes, gramo, gramos, grammo, grammi",
    "dag": "dkg, deka, dekagramm, decagram, decagrams",
    "hg": "etto, etti, hectogram, hectograms",
    "kg": "kilo, kilos, kilogram, kilograms, kilogramm, kilogramme, kilogrammes, kilogramo, "
    "kilogramos, chilo, chilogrammo, chilogrammi",
    "ml": "milliliter, milliliters, millilitre, millilitres, mililitro, mililitros, "
    "millilitro, millilitri",
    "cl": "centiliter, centiliters, centilitre, centilitres, zentiliter, centilitro, "
    "centilitros, centilitri",
    "dl": "deciliter, deciliters, decilitre, decilitres, deziliter, decilitro, decilitros, "
    "decilitri",
    "l": "lt, ltr, liter, liters, litre, litres, litro, litros, litri",
    "oz": "ounce, ounces, unze, unzen, once, onces, onza, onzas, oncia",
    "lb": "lbs, pound, pounds, libra, libras, libbra, libbre",
    # 500 g on the Continent, not the 454 g of a lb.
    "metric pound": "pfund, pfd, livre, livres",
    "fl oz": "floz, fluid oz, fluid ounce, fluid ounces",
    "cup": "cups, c, tasse, tassen, tasses, taza, tazas, tazza, tazze",
    "pint": "pints, pt, pts, pinte, pintes, pinta, pintas",
    "quart": "quarts, qt, qts",
    "gallon": "gallons, gal",
    "tsp": "tsps, tspn, teasp, teaspoon, teaspoons, teaspoonful, tl, teelöffel, kl, "
    "kaffeelöffel, c à c, c à café, c à thé, cac, cuil à café, cuillère à café, "
    "cuillères à café, cuiller à café, cuillère à thé, cuillères à thé, cdta, cdtas, cdita, "
    "cucharadita, cucharaditas, cucchiaino, cucchiaini",
    "dessertspoon": "dessertspoons, dsp, dstspn",
    "tbsp": "tbsps, tbs, tb, tbl, tblsp, tbspn, tablespoon, tablespoons, tablespoonful, el, "
    "esslöffel, c à s, c à soupe, c s, cs, cas, cuil à soupe, cuillère à soupe, cuillères à soupe, "
    "cuiller à soupe, cda, cdas, cucharada, cucharadas, cucchiaio, cucchiai",
    "mm": "millimeter, millimeters, millimetre, millimetres",
    "cm": "centimeter, centimeters, centimetre, centimetres, zentimeter, centímetro, "
    "centímetros, centimetri",
    "inch": "inches",
}
_COUNTS = {
    "bag": "bags, beutel, bolsa, bolsas, sacchetto, sacchetti",
    "bottle": "bottles, flasche, flaschen, bouteille, bouteilles, botella, botellas, "
    "bottiglia, bottiglie",
    "box": "boxes, schachtel, schachteln, caja, cajas",
    "bunch": "bunches, bund, bunde, bündel, botte, bottes, bouquet, bouquets, manojo, "
    "manojos, mazzo, mazzi, mazzetto, mazzetti",
    "can": "cans, tin, tins, dose, dosen, büchse, büchsen, boîte, boîtes, lata, latas, "
    "scatola, scatole, scatoletta, scatolette, lattina, lattine",
    "carton": "cartons",
    "clove": "cloves, zehe, zehen, gousse, gousses, diente, dientes, spicchio, spicchi",
    "cube": "cubes, würfel, cubo, cubos, cubito, cubitos, dado, dadi",
    "dash": "dashes, spritzer, trait, traits, chorrito, chorritos",
    "dozen": "dozens, doz, dutzend, dtzd, douzaine, douzaines, docena, docenas, dozzina, dozzine",
    "drop": "drops, tropfen, goutte, gouttes, gota, gotas, goccia, gocce",
    "ear": "ears",
    "glass": "glasses, glas, gläser, verre, verres, vaso, vasos, bicchiere, bicchieri",
    "handful": "handfuls, handvoll, hand voll, poignée, poignées, puñado, puñados, "
    "manciata, manciate",
    "head": "heads, kopf, köpfe, tête, têtes, cabeza, cabezas, testa, teste, cespo, cespi",
    "jar": "jars, pot, pots, bocal, bocaux, tarro, tarros, bote, botes, frasco, frascos, "
    "barattolo, barattoli, vasetto, vasetti",
    "knife tip": "knife tips, msp, messerspitze, messerspitzen, pointe de couteau, "
    "punta de cuchillo, punta di coltello",
    "knob": "knobs",
    "leaf": "leaves, blatt, blätter, feuille, feuilles, hoja, hojas, foglia, foglie",
    "package": "packages, packet, packets, pack, packs, pkg, pkgs, pkt, pkts, pk, pck, "
    "packung, packungen, päckchen, paket, pakete, paquet, paquets, paquete, paquetes, "
    "pacchetto, pacchetti, confezione, confezioni",
    "piece": "pieces, pc, pcs, stück, stücke, stk, st, morceau, morceaux, "
    "pieza, piezas, trozo, trozos, unidad, unidades, ud, uds, pezzo, pezzi",
    "pinch": "pinches, prise, prisen, pincée, pincées, pizca, pizcas, pizzico, pizzichi",
    "rasher": "rashers",
    "sachet": "sachets, envelope, envelopes, tüte, tüten, tütchen, sobre, sobres, bustina, bustine",
    "scoop": "scoops, kugel, kugeln, boule, boules",
    "sheet": "sheets, platte, platten, lámina, láminas",
    "slice": "slices, scheibe, scheiben, tranche, tranches, rondelle, rondelles, rodaja, "
    "rodajas, loncha, lonchas, rebanada, rebanadas, fetta, fette",
    "splash": "splashes, schuss, chorro, chorros, goccio",
    "sprig": "sprigs, zweig, zweige, brin, brins, branche, branches, ramita, ramitas, "
    "rametto, rametti",
    "stalk": "stalks, rib, ribs, stange, stangen, stängel, tige, tiges, tallo, tallos, "
    "gambo, gambi, costa, coste",
    "stick": "sticks, bâton, bâtons, stecca, stecche",
    "strip": "strips, streifen",
    "tub": "tubs, becher",
    "wedge": "wedges",
}
_BY_CASE = {"T": "tbsp", "t": "tsp"}

# At most three words, none longer than those above.
_LETTERS = r"[^\W\d_]{1,20}"
_WORDS = re.compile(rf"{_LETTERS}(?:[.\s]{{1,3}}{_LETTERS}){{0,2}}")
_WORD = re.compile(_LETTERS)
# Part of a longer word is no unit: T-bone, l’eau, g2.
_NO_END = re.compile(r"[-‐‑’']?[^\W\d_]|\d")


_UNITS = {
    fold(alias): Unit(name, table is _MEASURES)
    for table in (_MEASURES, _COUNTS)
    for name, aliases in table.items()
    for alias in [name, *aliases.split(", ")]
}
_UNITS_BY_CASE = {letter: Unit(name, is_measure=True) for letter, name in _BY_CASE.items()}


def find(text: str, start: int = 0) -> tuple[Unit, int] | None:
    """Return the unit at `start` and where it ends: "c. à s. d’huile" is a tbsp."""
    words = _WORDS.match(text, start)
    found = list(_WORD.finditer(text, start, words.end())) if words else []
    for count in range(len(found), 0, -1):
        end = found[count - 1].end()
        name = " ".join(word[0] for word in found[:count])
        unit = _UNITS_BY_CASE.get(name) or _UNITS.get(fold(name))
        if unit and not _NO_END.match(text, end):
            return unit, end + text.startswith(".", end)
    return None
