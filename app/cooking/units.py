"""Kitchen units and their names in sixteen languages, from Czech to Swedish."""

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
    "mg": "milligram, milligrams, milligramm, milligramme, milligrammes, miligramo, miligramos, мг",
    "g": "gr, grm, gram, grams, gramm, gramme, grammes, gramo, gramos, grammo, grammi, grama, "
    "gramas, г, гр, грамм, грамма, граммов, グラム",
    "dag": "dkg, deka, dekagramm, decagram, decagrams",
    "hg": "etto, etti, hectogram, hectograms, ons",
    "kg": "kilo, kilos, kilogram, kilograms, kilogramm, kilogramme, kilogrammes, kilogramo, "
    "kilogramos, chilo, chilogrammo, chilogrammi, quilo, quilos, quilograma, quilogramas, кг, "
    "килограмм, килограмма, キロ",
    "ml": "milliliter, milliliters, millilitre, millilitres, mililitro, mililitros, millilitro, "
    "millilitri, krm, kryddmått, мл, миллилитр, миллилитров, cc, ミリリットル",
    "cl": "centiliter, centiliters, centilitre, centilitres, zentiliter, centilitro, "
    "centilitros, centilitri",
    "dl": "deciliter, deciliters, decilitre, decilitres, deziliter, decilitro, decilitros, "
    "decilitri, дл, decilitra",
    "l": "lt, ltr, liter, liters, litre, litres, litro, litros, litri, litr, litry, litrů, л, "
    "литр, литра, литров, リットル",
    "oz": "ounce, ounces, unze, unzen, once, onces, onza, onzas, oncia",
    "lb": "lbs, pound, pounds, libra, libras, libbra, libbre",
    # 500 g on the Continent, not the 454 g of a lb.
    "metric pound": "pfund, pfd, livre, livres, pond",
    "fl oz": "floz, fluid oz, fluid ounce, fluid ounces",
    "cup": "cups, c, tasse, tassen, tasses, taza, tazas, tazza, tazze, xícara, xícaras, "
    "xícara chá, xícaras chá, xícara de chá, xícaras de chá, xíc, chávena, chávenas, kopje, "
    "kopjes, kop, kopp, koppar, kopper, szklanka, szklanki, szklanek, szkl, hrnek, hrnky, hrnků, "
    "hrnček, hrnčeky, šálek, šálky, šálka, šálky, стакан, стакана, стаканов, カップ",
    "pint": "pints, pt, pts, pinte, pintes, pinta, pintas",
    "quart": "quarts, qt, qts",
    "gallon": "gallons, gal",
    "tsp": "tsps, tspn, teasp, teaspoon, teaspoons, teaspoonful, tl, teelöffel, kaffeelöffel, "
    "c à c, c à café, c à thé, cac, cuil à café, cuillère à café, cuillères à café, "
    "cuiller à café, cuillère à thé, cuillères à thé, cdta, cdtas, cdita, cucharadita, "
    "cucharaditas, cucchiaino, cucchiaini, cditas, ts, theelepel, theelepels, theelepeltje, "
    "theelepeltjes, tsk, tesked, teskedar, teske, teskeer, teskje, teskjeer, colher de chá, "
    "colheres de chá, colher chá, colheres chá, c chá, colher de café, colheres de café, "
    "łyżeczka, łyżeczki, łyżeczek, łyżeczkę, lžička, lžičky, lžiček, "
    "lžičku, čajová lžička, čajové lžičky, čajových lžiček, lyžička, lyžičky, lyžičiek, lyžičku, "
    "čajová lyžička, čajové lyžičky, ч л, чайная ложка, чайные ложки, чайной ложки, чайных ложек, "
    "小さじ",
    "dessertspoon": "dessertspoons, dsp, dstspn, colher de sobremesa, colheres de sobremesa, "
    "десертная ложка",
    "tbsp": "tbsps, tbs, tb, tbl, tblsp, tbspn, tablespoon, tablespoons, tablespoonful, el, "
    "esslöffel, c à s, c à soupe, c s, cs, cas, cuil à soupe, cuillère à soupe, "
    "cuillères à soupe, cuiller à soupe, cda, cdas, cucharada, cucharadas, cucchiaio, cucchiai, "
    "eetlepel, eetlepels, msk, matsked, matskedar, spsk, spiseske, spiseskeer, spiseskje, "
    "spiseskjeer, ss, colher de sopa, colheres de sopa, colher sopa, colheres sopa, c sopa, "
    "łyżka, łyżki, łyżek, łyżkę, lžíce, lžíci, lžic, polévková lžíce, polévkové lžíce, "
    "polévkových lžic, pl, lyžica, lyžice, lyžíc, lyžicu, polievková lyžica, polievkové lyžice, "
    "polievkových lyžíc, ст л, столовая ложка, столовые ложки, столовой ложки, столовых ложек, "
    "大さじ",
    "mm": "millimeter, millimeters, millimetre, millimetres",
    "cm": "centimeter, centimeters, centimetre, centimetres, zentimeter, centímetro, "
    "centímetros, centimetri",
    "inch": "inches",
}
_COUNTS = {
    "bag": "bags, beutel, bolsa, bolsas, sacchetto, sacchetti, pose, poser, påse, påsar, torebka, "
    "torebki",
    "ball": "balls",
    "bar": "bars",
    "basket": "baskets",
    "batch": "batches",
    "block": "blocks",
    "bottle": "bottles, flasche, flaschen, bouteille, bouteilles, botella, botellas, bottiglia, "
    "bottiglie, fles, flessen, flaska, flaskor, flaske, garrafa, butelka, butelki",
    "box": "boxes, schachtel, schachteln, caja, cajas",
    "bulb": "bulbs, bulbe, bulbes",
    "bunch": "bunches, bund, bunde, bündel, botte, bottes, bouquet, bouquets, manojo, manojos, "
    "mazzo, mazzi, mazzetto, mazzetti, bosje, bosjes, bos, maço, maços, knippe, knippen, "
    "knippa, bundt, bunt, pęczek, pęczki, pęczków, svazek, svazky, zväzok, zväzky, пучок, пучка, "
    "пучков",
    "can": "cans, tin, tins, dose, dosen, büchse, büchsen, boîte, boîtes, lata, latas, scatola, "
    "scatole, scatoletta, scatolette, lattina, lattine, blik, blikje, blikjes, blikken, burk, "
    "burkar, dåse, dåser, boks, bokser, puszka, puszki, puszek, konzerva, konzervy, банка, банки, "
    "банок, 缶",
    "carton": "cartons",
    "clove": "cloves, zehe, zehen, gousse, gousses, diente, dientes, spicchio, spicchi, teen, "
    "tenen, teentje, teentjes, dente, dentes, klyfta, klyftor, fed, båt, båter, ząbek, "
    "ząbki, ząbków, stroužek, stroužky, stroužků, strúčik, strúčiky, strúčikov, зубчик, зубчика, "
    "зубчиков, зуб, 片, かけ",
    "container": "containers",
    "cube": "cubes, würfel, cubo, cubos, cubito, cubitos, dado, dadi",
    "dash": "dashes, spritzer, trait, traits, chorrito, chorritos",
    "dollop": "dollops",
    "dozen": "dozens, doz, dutzend, dtzd, douzaine, douzaines, docena, docenas, dozzina, dozzine",
    "drizzle": "drizzles, fio",
    "drop": "drops, tropfen, goutte, gouttes, gota, gotas, goccia, gocce, druppel, druppels, "
    "droppar, droppe, dråbe, dråber, kropla, krople, kropel, kapka, kapky, капля, капли, капель",
    "ear": "ears",
    "glass": "glasses, glas, gläser, verre, verres, vaso, vasos, bicchiere, bicchieri, glazen, "
    "copo, copos",
    "glug": "glugs",
    "grind": "grinds, grinding, grindings",
    "handful": "handfuls, handvoll, hand voll, poignée, poignées, puñado, puñados, manciata, "
    "manciate, handje, handjes, handvol, handfull, håndfuld, neve, never, punhado, punhados, "
    "mão cheia, garść, garści, hrst, hrsti, hrsť, горсть, горсти",
    "head": "heads, kopf, köpfe, tête, têtes, cabeza, cabezas, testa, teste, cespo, cespi, krop, "
    "kroppen, główka, główki, hlávka, hlávky",
    "jar": "jars, pot, pots, bocal, bocaux, tarro, tarros, bote, botes, frasco, frascos, "
    "barattolo, barattoli, vasetto, vasetti, potje, potjes, słoik, słoika, sklenice",
    "knife tip": "knife tips, msp, messerspitze, messerspitzen, pointe de couteau, "
    "punta de cuchillo, punta di coltello, mespunt, mespuntje, knivspids, knivsudd, knivsodd",
    "knob": "knobs",
    "leaf": "leaves, blatt, blätter, feuille, feuilles, hoja, hojas, foglia, foglie, blad, "
    "blaadje, blaadjes, folha, folhas, liść, liście, liści, listek, lístky, лист, листа, листьев",
    "loaf": "loaves",
    "log": "logs",
    "package": "packages, packet, packets, pack, packs, pkg, pkgs, pkt, pkts, pk, pck, packung, "
    "packungen, päckchen, paket, pakete, paquet, paquets, paquete, paquetes, pacchetto, "
    "pacchetti, confezione, confezioni, pakje, pakjes, pakket, förpackning, förpackningar, "
    "förp, pakke, pakker, pacote, pacotes, opakowanie, opakowania, balení, balíček, balíčky, "
    "balenie, упаковка, упаковки, パック",
    "part": "parts",
    "pat": "pats",
    "piece": "pieces, pc, pcs, stück, stücke, stk, st, morceau, morceaux, pieza, piezas, trozo, "
    "trozos, unidad, unidades, ud, uds, pezzo, pezzi, stuk, stuks, stycken, stycke, stykker, "
    "styk, szt, sztuka, sztuki, sztuk, ks, kus, kusy, kusů, kousek, шт, штука, штуки, штук, "
    "thumb, thumbs, chunk, chunks, pedaço, pedaços, unidade, 個, 枚, 本, 切れ",
    "pinch": "pinches, prise, prisen, pincée, pincées, pizca, pizcas, pizzico, pizzichi, snuf, "
    "snufje, snufjes, pitada, pitadas, nypa, nypor, nip, knivspets, klype, szczypta, szczypty, "
    "špetka, špetky, štipka, štipky, щепотка, щепотки, щепоток",
    "pod": "pods",
    "punnet": "punnets",
    "rasher": "rashers",
    "recipe": "recipes",
    "sachet": "sachets, envelope, envelopes, tüte, tüten, tütchen, sobre, sobres, bustina, "
    "bustine, zakje, zakjes, saszetka, saqueta, saquetas, brev, пакетик, пакетика",
    "scoop": "scoops, kugel, kugeln, boule, boules",
    "shake": "shakes",
    "sheet": "sheets, platte, platten, lámina, láminas",
    "shot": "shots",
    "slice": "slices, scheibe, scheiben, tranche, tranches, rondelle, rondelles, rodaja, rodajas, "
    "loncha, lonchas, rebanada, rebanadas, fetta, fette, plak, plakken, plakje, plakjes, sneetje, "
    "sneetjes, skiva, skivor, skive, skiver, fatia, fatias, plastry, plastrów, kromka, "
    "kromki, plátek, plátky, plátků, plátok, ломтик, ломтика, ломтиков",
    "spear": "spears",
    "splash": "splashes, schuss, chorro, chorros, goccio, scheut, scheutje, skvätt, skvett, sjat, "
    "chlust",
    "sprig": "sprigs, zweig, zweige, brin, brins, branche, branches, ramita, ramitas, rametto, "
    "rametti, takje, takjes, kvist, kvistar, kvister, ramo, ramos, raminho, raminhos, gałązka, "
    "gałązki, gałązek, snítka, snítky, snítek, větvička, větvičky, vetvička, веточка, веточки",
    "sprinkle": "sprinkles, sprinkling, sprinklings",
    "square": "squares",
    "squeeze": "squeezes",
    "stalk": "stalks, rib, ribs, stange, stangen, stängel, tige, tiges, tallo, tallos, gambo, "
    "gambi, costa, coste, stengel, stengels, talo, talos",
    "stick": "sticks, bâton, bâtons, stecca, stecche",
    "strip": "strips, streifen",
    "tub": "tubs, becher, kelímek, kelímky, beger",
    "tube": "tubesn",
    "wedge": "wedges",
    "wheel": "wheels",
}
# "kl." is small in German, "cl" a centilitre.
_BY_CASE = {"T": "tbsp", "t": "tsp", "KL": "tsp", "ČL": "tsp", "čl": "tsp"}

# At most three words, none longer than those above.
_LETTERS = r"[^\W\d_]{1,20}"
_WORDS = re.compile(rf"{_LETTERS}(?:[.\s(]{{1,3}}{_LETTERS}){{0,2}}")
_WORD = re.compile(_LETTERS)
_PLURAL = re.compile(r"\((?:s|es|n|en|e|er|a|as|i)\)", re.IGNORECASE)
# Part of a longer word is no unit: T-bone, l’eau, g2.
_NO_END = re.compile(r"[-‐‑’']?[^\W\d_]|\d")


_UNITS = {
    fold(alias): Unit(name, table is _MEASURES)
    for table in (_MEASURES, _COUNTS)
    for name, aliases in table.items()
    for alias in [name, *aliases.split(", ")]
}
_UNITS_BY_CASE = {letter: Unit(name, is_measure=True) for letter, name in _BY_CASE.items()}


# The most words of a name that begins with this word.
_MOST_WORDS: dict[str, int] = {}
for _name in _UNITS:
    _first, *_others = _name.split()
    _MOST_WORDS[_first] = max(_MOST_WORDS.get(_first, 1), 1 + len(_others))


def find(text: str, start: int = 0) -> tuple[Unit, int] | None:
    """Return the unit at `start` and where it ends: "c. à s. d’huile" is a tbsp."""
    first = _WORD.match(text, start)
    if first is None:
        return None
    most = _MOST_WORDS.get(fold(first[0]))
    if most is None and first[0] not in _UNITS_BY_CASE:
        return None
    found = [first]
    if most and most > 1 and (words := _WORDS.match(text, start)):
        found = list(_WORD.finditer(text, start, words.end()))
    for count in range(len(found), 0, -1):
        end = found[count - 1].end()
        name = first[0] if count == 1 else " ".join(word[0] for word in found[:count])
        unit = _UNITS_BY_CASE.get(name) or _UNITS.get(fold(name))
        if unit is None or _NO_END.match(text, end):
            continue
        if count > 1 and "(" in text[start:end]:  # "colheres (sopa)"
            if not text.startswith(")", end):
                continue
            end += 1
        elif text.startswith("(", end) and (plural := _PLURAL.match(text, end)):
            end = plural.end()
        return unit, end + text.startswith(".", end)
    return None
