"""French words of demo recipes."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from benchmarks.demo.words.language import Course, Language

FRENCH = Language(
    code="fr",
    share=7,
    elides=True,
    measures={
        "w": "200 g de, 250 g de, 300 g de, 400 g de, 500 g de, 1 kg de",
        "g": "50 g de, 75 g de, 100 g de, 125 g de, 150 g de, 200 g de",
        "n": "2, 3, 4, 6",
        "u": "1, 2, 3, 4",
        "t": "1 cuillère à soupe de, 2 cuillères à soupe de, 3 cuillères à soupe de",
        "s": "½ cuillère à café de, 1 cuillère à café de, 2 cuillères à café de",
        "m": "10 cl de, 20 cl de, 25 cl de, 50 cl de, 1 l de",
        "k": "1 gousse de, 2 gousses de, 3 gousses de",
        "b": "1 bouquet de, ½ bouquet de",
        "c": "1 boîte de, 2 boîtes de",
        "p": ", 1 pincée de",
    },
    notes={
        "w": "en morceaux, en fines tranches",
        "n": "en dés, en rondelles",
        "k": "haché",
        "b": "ciselé",
        "c": "bien égouttés",
    },
    labels=(
        "{dish} {of}",
        "{dish} {of} et {of2}",
        "{dish} {of} {manner}",
        "{dish} {manner} : {foods} et {foods2}",
    ),
    labels_with_cuisine=("{dish} {of} {cuisine}",),
    labels_with_place=("{dish} {of} façon {place}", "{dish} {of} de {place}"),
    variety="{foods} de {place}",
    descriptions=(
        "{foods} et {foods2}, sans complication.",
        "Pour les jours où l’on a envie {of}.",
        "Une façon simple de servir {foods} et {foods2}.",
        "Peu de travail, beaucoup de goût, et juste ce qu’il faut {of}.",
    ),
    remarks=(
        "Les restes sont encore meilleurs le lendemain.",
        "À servir avec du pain et une salade verte.",
        "On double facilement les quantités.",
    ),
    notices=(
        "Pour un plat plus *doux*, mettre moitié moins d’épices.",
        "Le temps de repos est **indispensable**.",
    ),
    openers=(
        "Préparer les ingrédients, d’abord {foods} et {foods2}.",
        "Peser le tout et commencer par {foods}.",
    ),
    closers=(
        "Goûter, assaisonner et servir aussitôt.",
        "Laisser reposer un instant avant de servir.",
    ),
    cuisines="""
        Française:à la française, Italienne:à l’italienne, Provençale:à la provençale, Marocaine:à
        la marocaine, Indienne:à l’indienne, Grecque:à la grecque, Basque:à la basque, Espagnole:à
        l’espagnole, Thaïlandaise:à la thaïlandaise, Bretonne:à la bretonne
    """,
    diets={"!": "Végétarien", "!~": "Végan", "^": "Sans gluten"},
    methods="Cuisson au four, Mijotage, Poêle, Vapeur, Grillade, Confit, Braisage",
    tools="Four, Cocotte, Mixeur, Wok, Autocuiseur, Robot, Plancha",
    keywords="""
        rapide, facile, famille, économique, hiver, été, fêtes, apéritif, enfants, restes, Noël,
        léger, printemps, pique-nique, bistrot, invités
    """,
    savoury=Course(
        mains="""
            poulet:w!, pommes de terre:w, tomates:n, riz:g, fromage:g~, champignons:w, lentilles:g,
            œufs:u~, saumon:w!, courgettes:n, carottes:n, poireaux:n, bœuf:w!, épinards:w,
            lardons:g!, pâtes:g^, haricots:c, aubergines:n, potiron:w, thon:c!, agneau:w!,
            fenouil:w, endives:n, cabillaud:w!, crevettes:w!, pois chiches:c, asperges:w, navets:n,
            canard:w!, chou-fleur:w, topinambours:w, moules:w!, veau:w!, boulgour:g^, cardons:w,
            lapin:w!, sarrasin:g
        """,
        others="""
            sel:p, oignons:n, beurre:g~, poivre:p, ail:k, huile d’olive:t, crème:m~, farine:t^,
            bouillon de légumes:m, persil:b, moutarde:t, thym:s, vin blanc:m, muscade:p, lait:m~,
            échalotes:n, vinaigre:t, ciboulette:b, basilic:b, paprika:s, cumin:s, jus de citron:t,
            miel:t~, câpres:t, romarin:s, estragon:b, cerfeuil:b, piment d’Espelette:p, olives:g
        """,
        manners="facile, maison, du dimanche, d’hiver, de fête, express, en cocotte",
        dishes="""
            soupe:Soupe, gratin:Plat~, salade:Entrée, tarte:Plat^, curry:Plat, poêlée:Plat,
            ragoût:Plat, velouté:Soupe, purée:Accompagnement, quiche:Plat^~, terrine:Entrée,
            tian:Plat, galettes:Plat^, blanquette:Plat~
        """,
        sections="Pour la sauce, Pour servir, Pour la garniture",
        yields="4 assiettes, 6 parts, 1 plat",
        steps=(
            "Faire revenir {n} minutes à feu moyen.",
            "Ajouter les épices et remuer jusqu’à ce qu’elles embaument.",
            "Mouiller, porter à ébullition et laisser mijoter {n} minutes.",
            "Couvrir et laisser cuire {n} minutes à feu doux.",
            "Mixer la moitié et la remettre dans la casserole.",
            "Enfourner {n} minutes, jusqu’à ce que les bords soient dorés.",
        ),
    ),
    sweet=Course(
        mains="""
            pommes:n, chocolat:g, citrons:n, poires:n, fraises:w, amandes:g, abricots:w, cerises:w,
            framboises:w, noisettes:g, rhubarbe:w, figues:n, noix:g, prunes:w, mirabelles:w,
            coings:n, myrtilles:w, pistaches:g
        """,
        others="""
            sucre:g, farine:g^, beurre:g~, œufs:u~, lait:m~, levure:s, sel:p, sucre vanillé:s,
            crème:m~, cannelle:s, sucre glace:t, miel:t~, fécule:t, cacao:t, rhum:t, zeste de
            citron:s, fleur d’oranger:t, raisins secs:g, flocons d’avoine:g, huile de tournesol:m
        """,
        manners="facile, maison, de fête, sans cuisson, du goûter",
        dishes="""
            tarte:Dessert^, gâteau:Dessert^, compote:Dessert, mousse:Dessert, clafoutis:Dessert^~,
            confiture:Conserve, crumble:Dessert^, sorbet:Dessert, crêpes:Dessert^~, flan:Dessert~,
            muffins:Goûter^, pain:Pain^, sablés:Goûter^, glace:Dessert
        """,
        sections="Pour la crème, Pour la pâte, Pour le glaçage",
        yields="8 parts, 12 pièces, 2 pots",
        steps=(
            "Préchauffer le four à 180 °C et garnir le moule de papier cuisson.",
            "Fouetter {n} minutes jusqu’à ce que le mélange blanchisse.",
            "Incorporer délicatement les ingrédients secs.",
            "Cuire {n} minutes à feu doux sans cesser de remuer.",
            "Mettre {n} minutes au frais.",
            "Cuire {n} minutes au four.",
        ),
    ),
)
