"""Spanish words of demo recipes."""

from benchmarks.demo.words.language import Course, Language

SPANISH = Language(
    code="es",
    share=5,
    measures={
        "w": "200 g de, 250 g de, 300 g de, 400 g de, 500 g de, 1 kg de",
        "g": "50 g de, 100 g de, 150 g de, 200 g de, 1 taza de",
        "n": "2, 3, 4, 6",
        "u": "1, 2, 3, 4",
        "t": "1 cucharada de, 2 cucharadas de, 3 cucharadas de",
        "s": "½ cucharadita de, 1 cucharadita de, 2 cucharaditas de",
        "m": "100 ml de, 200 ml de, 250 ml de, 500 ml de, 1 l de",
        "k": "1 diente de, 2 dientes de, 3 dientes de",
        "b": "1 manojo de, 1 puñado de",
        "c": "1 lata de, 2 latas de",
        "p": ", 1 pizca de",
    },
    notes={
        "w": "en trozos, en rodajas finas",
        "n": "en dados, en cuartos",
        "k": "picado",
        "b": "picado",
        "p": "al gusto",
    },
    labels=(
        "{dish} de {foods}",
        "{dish} de {foods} con {foods2}",
        "{dish} de {foods} {manner}",
        "{foods} con {foods2}",
    ),
    labels_with_cuisine=("{dish} de {foods} {cuisine}", "{foods} {cuisine}"),
    labels_with_place=("{dish} de {foods} al estilo de {place}", "{foods} de {place}"),
    variety="{foods} de {place}",
    descriptions=(
        "{foods} con {foods2}, sin complicaciones.",
        "Para los días en que apetece algo con {foods}.",
        "Poco trabajo y mucho sabor, gracias a un poco de {foods2}.",
    ),
    remarks=(
        "Al día siguiente está todavía mejor.",
        "Se sirve con pan y una ensalada.",
        "Es fácil doblar las cantidades.",
    ),
    notices=(
        "Para un plato más *suave*, la mitad de las especias basta.",
        "**No** hay que saltarse el reposo.",
    ),
    openers=(
        "Preparar los ingredientes, primero {foods} y después {foods2}.",
        "Pesar todo y empezar por {foods}.",
    ),
    closers=("Probar, corregir de sal y servir enseguida.", "Dejar reposar un momento y servir."),
    cuisines="""
        Española:a la española, Mexicana:a la mexicana, Italiana:a la italiana, Gallega:a la
        gallega, Andaluza:a la andaluza, Peruana:a la peruana, Vasca:a la vasca, Griega:a la griega,
        Argentina:a la argentina, Canaria:a la canaria
    """,
    diets={"!": "Vegetariana", "!~": "Vegana", "^": "Sin gluten"},
    methods="Horno, Guiso, Plancha, Fritura, Vapor, Brasa, Escabeche",
    tools="Horno, Olla rápida, Batidora, Cazuela de barro, Paellera, Freidora de aire",
    keywords="""
        rápido, fácil, familia, económico, verano, invierno, fiesta, niños, aprovechamiento,
        Navidad, tapas, ligero, domingo, cuaresma, picnic
    """,
    savoury=Course(
        mains="""
            pollo:w!, arroz:g, patatas:w, tomates:n, huevos:u~, garbanzos:c, queso:g~, lentejas:g,
            atún:c!, ternera:w!, merluza:w!, espinacas:w, gambas:w!, calabacines:n, champiñones:w,
            pimientos:n, bacalao:w!, chorizo:g!, calabaza:w, berenjenas:n, alubias:c, coliflor:w,
            pasta:g^, cerdo:w!, setas:w, alcachofas:c, brócoli:w, quinoa:g, cordero:w!,
            mejillones:w!, acelgas:w, conejo:w!, yuca:w, rape:w!
        """,
        others="""
            sal:p, aceite de oliva:t, ajo:k, cebollas:n, pimienta:p, perejil:b, pimentón:s,
            laurel:p, vino blanco:m, caldo de verduras:m, comino:s, azafrán:p, harina:t^, vinagre:t,
            limones:n, cilantro:b, orégano:s, nata:m~, mantequilla:g~, leche:m~, aceitunas:g,
            almendras:g, miel:t~, pan rallado:t^, guindilla:p, tomillo:s, piñones:t
        """,
        manners="fácil, de la abuela, para el domingo, de verano, en cazuela, exprés",
        dishes="""
            sopa:Sopa, guiso:Plato principal, ensalada:Ensalada, tortilla:Tapa~, arroz:Plato
            principal, potaje:Plato principal, croquetas:Tapa^~, crema:Sopa, empanada:Tapa^,
            estofado:Plato principal, pisto:Guarnición, albóndigas:Plato principal, pastel:Plato
            principal~
        """,
        sections="Para la salsa, Para servir, Para el sofrito",
        yields="4 platos, 6 raciones, 12 tapas",
        steps=(
            "Sofreír {n} minutos a fuego medio.",
            "Incorporar las especias y remover hasta que huelan.",
            "Añadir el líquido, llevar a ebullición y cocer {n} minutos.",
            "Tapar y dejar {n} minutos a fuego lento.",
            "Triturar la mitad y devolverla a la olla.",
            "Hornear {n} minutos hasta que los bordes estén dorados.",
        ),
    ),
    sweet=Course(
        mains="""
            manzanas:n, chocolate:g, limones:n, naranjas:n, almendras:g, plátanos:n, fresas:w,
            coco:g, higos:n, peras:n, nueces:g, mango:n, membrillo:w, cerezas:w, piña:w
        """,
        others="""
            azúcar:g, harina:g^, huevos:u~, leche:m~, mantequilla:g~, levadura:s, sal:p, canela:s,
            nata:m~, aceite de girasol:m, vainilla:s, miel:t~, cacao:t, ralladura de limón:s,
            anís:s, maicena:t, azúcar moreno:g, pasas:g
        """,
        manners="fácil, de la abuela, sin horno, de fiesta",
        dishes="""
            tarta:Postre^, bizcocho:Postre^, flan:Postre~, mermelada:Conserva, helado:Postre,
            natillas:Postre~, galletas:Merienda^, compota:Postre, magdalenas:Merienda^,
            mousse:Postre, buñuelos:Postre^, batido:Bebida, pan:Pan^
        """,
        sections="Para la crema, Para la masa, Para el almíbar",
        yields="8 porciones, 12 unidades, 2 tarros",
        steps=(
            "Precalentar el horno a 180 °C y forrar el molde.",
            "Batir {n} minutos hasta que la mezcla esté espumosa.",
            "Incorporar los ingredientes secos con cuidado.",
            "Cocer {n} minutos a fuego lento sin dejar de remover.",
            "Enfriar {n} minutos en la nevera.",
            "Hornear {n} minutos.",
        ),
    ),
)
