"""Italian words of demo recipes."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from benchmarks.demo.words.language import Course, Language

ITALIAN = Language(
    code="it",
    share=5,
    measures={
        "w": "200 g di, 250 g di, 300 g di, 400 g di, 500 g di, 1 kg di",
        "g": "50 g di, 80 g di, 100 g di, 150 g di, 200 g di, 320 g di",
        "n": "2, 3, 4, 6",
        "u": "1, 2, 3, 4",
        "t": "1 cucchiaio di, 2 cucchiai di, 3 cucchiai di",
        "s": "½ cucchiaino di, 1 cucchiaino di, 2 cucchiaini di",
        "m": "100 ml di, 200 ml di, 250 ml di, 500 ml di, 1 l di",
        "k": "1 spicchio di, 2 spicchi di, 3 spicchi di",
        "b": "1 mazzetto di, 1 manciata di",
        "c": "1 lattina di, 2 lattine di",
        "p": ", 1 pizzico di",
    },
    notes={
        "w": "a pezzi, a fettine sottili",
        "n": "a dadini, a fette",
        "k": "tritato",
        "b": "tritato",
        "p": "quanto basta",
    },
    labels=(
        "{dish} con {foods}",
        "{dish} con {foods} e {foods2}",
        "{dish} {manner} con {foods}",
        "{foods} e {foods2} {manner}",
    ),
    labels_with_cuisine=("{dish} con {foods} {cuisine}", "{foods} {cuisine}"),
    labels_with_place=("{dish} con {foods} di {place}", "{dish} di {place} con {foods}"),
    variety="{foods} di {place}",
    descriptions=(
        "{foods} e {foods2}, senza complicazioni.",
        "Per i giorni in cui si ha voglia di {foods}.",
        "Poco lavoro e tanto gusto, con un po’ di {foods2}.",
    ),
    remarks=(
        "Il giorno dopo è ancora più buono.",
        "Da servire con pane e insalata.",
        "Le dosi si raddoppiano facilmente.",
    ),
    notices=(
        "Per un gusto più *delicato* basta metà delle spezie.",
        "Il riposo è **necessario**.",
    ),
    openers=(
        "Preparare gli ingredienti, prima {foods} e poi {foods2}.",
        "Pesare tutto e cominciare con {foods}.",
    ),
    closers=(
        "Assaggiare, regolare di sale e servire subito.",
        "Lasciare riposare e portare in tavola.",
    ),
    cuisines="""
        Italiana:all’italiana, Siciliana:alla siciliana, Romana:alla romana, Ligure:alla ligure,
        Napoletana:alla napoletana, Greca:alla greca, Pugliese:alla pugliese, Sarda:alla sarda,
        Toscana:alla toscana, Veneta:alla veneta
    """,
    diets={"!": "Vegetariana", "!~": "Vegana", "^": "Senza glutine"},
    methods="Forno, Padella, Bollitura, Griglia, Vapore, Umido, Frittura",
    tools="Forno, Frullatore, Pentola a pressione, Macchina per la pasta, Piastra, Robot",
    keywords="""
        veloce, facile, famiglia, economico, estate, inverno, feste, bambini, avanzi, Natale,
        aperitivo, leggero, domenica, Pasqua, scampagnata
    """,
    savoury=Course(
        mains="""
            pomodori:n, pasta:g^, pollo:w!, patate:w, riso:g, funghi:w, zucchine:n, melanzane:n,
            ceci:c, lenticchie:g, formaggio:g~, ricotta:g~, spinaci:w, tonno:c!, fagioli:c, zucca:w,
            manzo:w!, salmone:w!, gamberi:w!, carciofi:n, salsiccia:w!, broccoli:w, cavolfiore:w,
            piselli:g, peperoni:n, asparagi:w, cozze:w!, radicchio:w, polenta:g, uova:u~,
            agnello:w!, farro:g^, puntarelle:w, coniglio:w!, lampascioni:w
        """,
        others="""
            sale:p, olio extravergine di oliva:t, aglio:k, cipolle:n, pepe:p, basilico:b,
            prezzemolo:b, parmigiano:g~, vino bianco:m, brodo vegetale:m, burro:g~, rosmarino:s,
            salvia:s, origano:s, peperoncino:p, farina:t^, limoni:n, capperi:t, olive:g,
            acciughe:n!, pinoli:t, timo:s, aceto:t, latte:m~, noce moscata:p, pangrattato:t^,
            alloro:p, pancetta:g!
        """,
        manners="facile, della nonna, della domenica, estiva, veloce, in padella",
        dishes="""
            zuppa:Zuppa, insalata:Contorno, risotto:Primo, minestra:Primo, torta salata:Piatto
            unico^, polpette:Secondo, sformato:Secondo~, vellutata:Zuppa, frittata:Secondo~,
            crostini:Antipasto^, spezzatino:Secondo, lasagne:Primo^, focaccia:Pane^
        """,
        sections="Per il condimento, Per servire, Per il sugo",
        yields="4 piatti, 6 porzioni, 1 teglia",
        steps=(
            "Soffriggere per {n} minuti a fuoco medio.",
            "Unire le spezie e mescolare finché profumano.",
            "Coprire di liquido, portare a bollore e cuocere per {n} minuti.",
            "Coprire e lasciare {n} minuti a fuoco dolce.",
            "Frullare metà del tutto e rimetterla nella pentola.",
            "Infornare per {n} minuti, finché i bordi sono dorati.",
        ),
    ),
    sweet=Course(
        mains="""
            mele:n, cioccolato:g, limoni:n, mandorle:g, nocciole:g, pere:n, fragole:w, ciliegie:w,
            arance:n, pesche:n, fichi:n, albicocche:w, pistacchi:g, castagne:g, amarene:w
        """,
        others="""
            zucchero:g, farina:g^, burro:g~, uova:u~, latte:m~, lievito:s, sale:p, vaniglia:s,
            mascarpone:g~, panna:m~, cannella:s, zucchero a velo:t, miele:t~, cacao:t, scorza di
            limone:s, amido di mais:t, uvetta:g, rum:t, olio di semi:m
        """,
        manners="facile, della nonna, senza cottura, delle feste",
        dishes="""
            torta:Dolce^, crostata:Dolce^, biscotti:Merenda^, gelato:Dolce, budino:Dolce,
            mousse:Dolce, marmellata:Conserva, semifreddo:Dolce~, ciambella:Merenda^,
            composta:Dolce, crema:Dolce~, frittelle:Dolce^, pane dolce:Pane^, sorbetto:Dolce
        """,
        sections="Per la crema, Per la frolla, Per la glassa",
        yields="8 fette, 12 pezzi, 2 vasetti",
        steps=(
            "Scaldare il forno a 180 °C e foderare lo stampo.",
            "Montare per {n} minuti finché il composto è chiaro.",
            "Incorporare gli ingredienti secchi senza smontare.",
            "Cuocere a fuoco dolce per {n} minuti mescolando sempre.",
            "Mettere in frigo per {n} minuti.",
            "Cuocere in forno per {n} minuti.",
        ),
    ),
)
