"""German words of demo recipes; a food's first form is the dative, which `mit` asks for."""

from benchmarks.demo.words.language import Course, Language

GERMAN = Language(
    code="de",
    share=8,
    measures={
        "w": "150 g, 200 g, 250 g, 300 g, 400 g, 500 g, 1 kg",
        "g": "50 g, 75 g, 100 g, 125 g, 150 g, 200 g, 250 g",
        "n": "2, 3, 4, 6",
        "u": "1, 2, 3, 4",
        "t": "1 EL, 2 EL, 3 EL, 4 EL",
        "s": "½ TL, 1 TL, 2 TL",
        "m": "100 ml, 200 ml, 250 ml, 500 ml, 1 l",
        "k": "1 Zehe, 2 Zehen, 3 Zehen",
        "b": "1 Bund, ½ Bund",
        "c": "1 Dose, 2 Dosen",
        "p": ", 1 Prise",
    },
    notes={
        "w": "in Stücken, in dünnen Scheiben",
        "n": "fein gehackt, halbiert",
        "k": "gepresst",
        "b": "gehackt",
        "c": "abgetropft",
    },
    labels=(
        "{dish} mit {food}",
        "{dish} mit {food} und {food2}",
        "{dish} mit {food} {manner}",
        "{foods} mit {food2}",
    ),
    labels_with_cuisine=("{dish} mit {food} auf {cuisine} Art",),
    labels_with_place=(
        "{dish} mit {food} aus {place}",
        "{place}: {dish} mit {food}",
    ),
    variety="{foods} aus {place}",
    descriptions=(
        "{foods} und {foods2}, ohne viel Aufwand gekocht.",
        "Für Tage, an denen es {foods} geben soll.",
        "So schmeckt {dish} mit {food} der ganzen Familie.",
        "Wenig Arbeit, viel Geschmack, und {foods} sind fast immer im Haus.",
    ),
    remarks=(
        "Am nächsten Tag schmeckt der Rest noch besser.",
        "Dazu passt frisches Brot.",
        "Die Menge lässt sich leicht verdoppeln.",
    ),
    notices=(
        "Wer es *milder* mag, nimmt nur die Hälfte der Gewürze.",
        "Die Ruhezeit bitte **nicht** abkürzen.",
    ),
    openers=(
        "Alle Zutaten abwiegen; zuerst {foods} und {foods2} vorbereiten.",
        "Zuerst {foods} vorbereiten, denn der Rest geht schnell.",
    ),
    closers=("Abschmecken und sofort servieren.", "Kurz ruhen lassen und auf den Tisch bringen."),
    cuisines="""
        Deutsch:deutsche, Italienisch:italienische, Französisch:französische, Asiatisch:asiatische,
        Griechisch:griechische, Österreichisch:österreichische, Ungarisch:ungarische,
        Indisch:indische, Türkisch:türkische, Schwäbisch:schwäbische, Badisch:badische
    """,
    diets={"!": "Vegetarisch", "!~": "Vegan", "^": "Glutenfrei"},
    methods="Backen, Braten, Kochen, Dünsten, Grillen, Schmoren, Dämpfen, Einkochen",
    tools="Backofen, Mixer, Wok, Schnellkochtopf, Heißluftfritteuse, Bräter, Waffeleisen",
    keywords="""
        schnell, einfach, Familie, günstig, Winter, Sommer, Gäste, Party, Kinder, Resteküche,
        Weihnachten, gesund, Spargelzeit, Grillabend, Ostern, Büro, Vorrat
    """,
    savoury=Course(
        mains="""
            Kartoffeln:w, Huhn:w!, Tomaten:n, Reis:g, Käse:g~, Nudeln:g^, Pilzen/Pilze:w,
            Hackfleisch:w!, Bohnen:c, Lachs:w!, Spinat:w, Möhren:n, Linsen:g, Kürbis:w,
            Blumenkohl:w, Eiern/Eier:u~, Kichererbsen:c, Zucchini:n, Speck:g!, Spargel:w, Rotkohl:w,
            Lauch:w, Forelle:w!, Schweinefleisch:w!, Wirsing:w, Rosenkohl:w, Sellerie:w, Graupen:g^,
            Maronen:g, Schwarzwurzeln:w, Hirse:g, Steckrüben:w, Wildschwein:w!, Grünkern:g^
        """,
        others="""
            Salz:p, Zwiebeln:n, Butter:g~, Pfeffer:p, Knoblauch:k, Olivenöl:t, Gemüsebrühe:m,
            Mehl:t^, Sahne:m~, Petersilie:b, Schnittlauch:b, Senf:t, Paprikapulver:s, Muskat:p,
            Milch:m~, Essig:t, Majoran:s, Thymian:s, Zitronensaft:t, Kümmel:s, Honig:t~, Weißwein:m,
            Schmand:t~, Kapern:t, Dill:b, Rosmarin:s, Semmelbrösel:t^, Liebstöckel:b,
            Wacholderbeeren:s
        """,
        manners="vom Blech, für Gäste, wie früher, für den Winter, aus dem Ofen, ohne Aufwand",
        dishes="""
            Suppe:Suppe, Auflauf:Hauptgericht, Salat:Salat, Eintopf:Hauptgericht,
            Pfanne:Hauptgericht, Curry:Hauptgericht, Gratin:Beilage~, Quiche:Hauptgericht^~,
            Ragout:Hauptgericht, Strudel:Hauptgericht^, Puffer:Snack, Püree:Beilage
        """,
        sections="Für die Soße, Zum Servieren, Für den Teig",
        yields="4 Teller, 6 Portionen, 1 Blech",
        steps=(
            "In heißem Öl {n} Minuten anbraten.",
            "Gewürze einrühren und kurz mitrösten, bis sie duften.",
            "Aufgießen, aufkochen und {n} Minuten köcheln lassen.",
            "Zugedeckt bei kleiner Hitze {n} Minuten ziehen lassen.",
            "Die Hälfte pürieren und zurück in den Topf geben.",
            "Im heißen Ofen {n} Minuten garen, bis die Ränder braun sind.",
        ),
    ),
    sweet=Course(
        mains="""
            Äpfeln/Äpfel:n, Schokolade:g, Kirschen:w, Quark:g~, Zwetschgen:w, Zitronen:n,
            Erdbeeren:w, Haselnüssen/Haselnüsse:g, Mohn:g, Rhabarber:w, Birnen:n, Heidelbeeren:w,
            Aprikosen:w, Johannisbeeren:w, Himbeeren:w, Marzipan:g, Walnüssen/Walnüsse:g, Quitten:n
        """,
        others="""
            Zucker:g, Mehl:g^, Butter:g~, Eier:u~, Milch:m~, Backpulver:s, Salz:p, Vanillezucker:s,
            Zimt:s, Sahne:m~, Puderzucker:t, Speisestärke:t, Haferflocken:g, Zitronenschale:s,
            Hefe:s, Rosinen:g, Mandeln:g, Kakao:t, Rum:t, Grieß:g^, Rapsöl:m
        """,
        manners="vom Blech, für Gäste, nach Omas Art, für Sonntage, ohne Backen",
        dishes="""
            Kuchen:Dessert^, Torte:Dessert^~, Muffins:Snack^, Kompott:Dessert, Marmelade:Vorrat,
            Auflauf:Dessert, Pfannkuchen:Dessert^~, Streuselkuchen:Dessert^, Pudding:Dessert,
            Brot:Brot^, Eis:Dessert, Plätzchen:Snack^, Knödel:Dessert^
        """,
        sections="Für die Füllung, Für den Guss, Für die Streusel",
        yields="12 Stück, 1 Blech, 2 Gläser",
        steps=(
            "Den Ofen auf 180 °C vorheizen und die Form mit Backpapier auslegen.",
            "{n} Minuten schaumig rühren.",
            "Die trockenen Zutaten unterheben.",
            "Bei kleiner Hitze {n} Minuten kochen und dabei rühren.",
            "{n} Minuten kalt stellen.",
            "{n} Minuten backen, bis am Stäbchen nichts mehr klebt.",
        ),
    ),
)
