"""English words of demo recipes."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from benchmarks.demo.words.language import Course, Language

ENGLISH = Language(
    code="en",
    share=75,
    measures={
        "w": "100 g, 150 g, 200 g, 250 g, 300 g, 400 g, 500 g, 750 g, 1 kg",
        "g": "50 g, 75 g, 100 g, 120 g, 150 g, 200 g, 250 g, 1 cup, 2 cups",
        "n": "2, 3, 4, 6",
        "u": "1, 2, 3, 4",
        "t": "1 tbsp, 2 tbsp, 3 tbsp, 4 tbsp",
        "s": "½ tsp, 1 tsp, 1 ½ tsp, 2 tsp",
        "m": "100 ml, 150 ml, 200 ml, 250 ml, 400 ml, 500 ml, 1 l",
        "k": "1 clove, 2 cloves, 3 cloves, 4 cloves",
        "b": "½ bunch, 1 bunch, 1 handful of",
        "c": "1 can, 2 cans, 3 cans",
        "p": ", 1 pinch of",
    },
    notes={
        "w": "cut into pieces, in thin slices, cut small",
        "n": "finely chopped, halved, cut into quarters",
        "k": "crushed, chopped",
        "b": "chopped, leaves only",
        "c": "drained, rinsed and drained",
        "p": "to taste",
        "m": "hot, lukewarm",
        "s": "plus more to taste",
    },
    labels=(
        "{food} {dish}",
        "{manner} {food} {dish}",
        "{manner} {food} and {food2} {dish}",
        "{food} and {food2} {dish}",
        "{manner} {foods} with {foods2}",
        "{foods} with {foods2}",
        "{food} {dish} with {foods2}",
        "The best {food} {dish}",
    ),
    labels_with_cuisine=(
        "{cuisine} {food} {dish}",
        "{cuisine} {food} and {food2} {dish}",
        "{manner} {cuisine} {food} {dish}",
        "{cuisine} {foods} with {foods2}",
    ),
    labels_with_place=(
        "{place} {food} {dish}",
        "{food} {dish} from {place}",
        "{manner} {place} {foods} with {foods2}",
    ),
    variety="{place} {foods}",
    descriptions=(
        "A quick way with {foods} and {foods2}.",
        "{foods} and {foods2}, cooked without fuss.",
        "For days that call for {foods}.",
        "Our way with {foods} when it is cold outside.",
        "Good {foods}, some {foods2} and not much else.",
        "What we cook when there is {food} to use up.",
        "{manner} and full of flavour, thanks to {foods2}.",
        "Everything happens in one pot, {foods} first.",
        "A plate of {foods} that children ask for twice.",
        "We had this with {foods2} on a rainy evening and have made it ever since.",
    ),
    remarks=(
        "It keeps for three days in the fridge.",
        "Leftovers taste even better the next day.",
        "Serve it with bread and a green salad.",
        "Nothing about it is difficult, but it needs some patience.",
        "It is easily doubled for guests.",
        "The freezer takes what is left.",
        "Most of the time it looks after itself.",
    ),
    notices=(
        "Frozen goods work as well: leave them in the sieve until they have thawed.",
        "Do **not** skip the resting time.",
        "For a *milder* dish take half of the spices.",
        "- Make it a day ahead\n- Warm it gently\n- Season it again before it is served",
        "With an older oven allow **ten minutes** more.",
        "Every brand is different, so taste before you add salt.",
    ),
    openers=(
        "Get the {foods} ready and weigh out everything else.",
        "Prepare the {foods} and the {foods2} first, since the rest is quick.",
        "Put the {foods} into a large bowl and mix in the {foods2}.",
        "Take the {foods} out of the fridge in good time.",
    ),
    closers=(
        "Season to taste and serve at once.",
        "Let it rest for a moment and bring it to the table.",
        "Divide between plates and scatter the rest on top.",
        "Leave to cool completely before serving.",
        "Serve warm.",
    ),
    cuisines="""
        Italian:Italian, American:American, French:French, Indian:Indian, Mexican:Mexican,
        British:British, Greek:Greek, Thai:Thai, Chinese:Chinese, Spanish:Spanish,
        Japanese:Japanese, Turkish:Turkish, Moroccan:Moroccan, Korean:Korean, Polish:Polish,
        Lebanese:Lebanese, Vietnamese:Vietnamese, Hungarian:Hungarian, Swedish:Swedish,
        Portuguese:Portuguese, Ethiopian:Ethiopian, Persian:Persian, Peruvian:Peruvian,
        Georgian:Georgian, Cypriot:Cypriot, Welsh:Welsh, Basque:Basque, Latvian:Latvian
    """,
    diets={"!": "Vegetarian", "!~": "Vegan", "^": "Gluten-free"},
    methods="""
        Baking, Roasting, Frying, Simmering, Grilling, Steaming, Braising, Slow cooking,
        Stir-frying, Poaching, Blanching, Smoking, Fermenting, Pickling, Curing
    """,
    tools="""
        Oven, Blender, Slow cooker, Air fryer, Food processor, Pressure cooker, Wok, Stand mixer,
        Grill, Cast-iron pan, Dutch oven, Microwave, Rice cooker, Bread machine, Pasta machine,
        Tagine
    """,
    keywords="""
        quick, easy, family, weeknight, one pot, budget, comfort food, healthy, summer, winter, make
        ahead, kids, party, freezer, leftovers, lunchbox, autumn, spring, picnic, Christmas, brunch,
        high protein, low carb, store cupboard, for two, spicy, barbecue, gift, Easter, halloween,
        camping, batch cooking, street food, no bake, no knead, five ingredients, date night, buffet
    """,
    savoury=Course(
        manners="""
            easy, quick, creamy, roasted, spicy, smoky, crispy, warm, baked, simple, grilled,
            rustic, slow-cooked, fresh, classic, light, braised, sticky, hearty, golden, glazed,
            herby, stuffed, tangy, peppery, buttery, velvety, marinated, charred, zesty, fiery,
            winter, summer, Sunday, midnight, blackened, pickled, toasted, drunken, velveted
        """,
        mains="""
            chicken:w!, potato/potatoes:w, tomato/tomatoes:n, rice:g, cheese:g~, beef:w!,
            mushroom/mushrooms:w, bean/beans:c, egg/eggs:u~, salmon:w!, spinach:w, pasta:g^,
            lentil/lentils:g, carrot/carrots:n, pork:w!, chickpea/chickpeas:c, red pepper/red
            peppers:n, cauliflower:w, noodle/noodles:g^, tofu:w, prawn/prawns:w!, pumpkin:w,
            courgette/courgettes:n, aubergine/aubergines:n, lamb:w!, broccoli:w,
            sausage/sausages:n!, leek/leeks:n, cabbage:w, tuna:c!, feta:w~, sweet potato/sweet
            potatoes:w, bacon:w!, turkey:w!, cod:w!, kale:w, pea/peas:g, sweetcorn:c, ham:w!,
            beetroot:w, fennel:w, barley:g^, couscous:g^, quinoa:g, halloumi:w~, asparagus:w,
            duck:w!, celeriac:w, squash:w, trout:w!, mackerel:w!, polenta:g, bulgur:g^,
            artichoke/artichokes:c, turnip/turnips:n, parsnip/parsnips:w, chard:w, okra:w, tempeh:w,
            mussel/mussels:w!, squid:w!, veal:w!, rabbit:w!, venison:w!, buckwheat:g, millet:g,
            swede:w, radish/radishes:b, kohlrabi:w, samphire:w, crayfish:w!, seitan:w^, sorrel:b,
            salsify:w, pheasant:w!, amaranth:g
        """,
        others="""
            salt:p, olive oil:t, onion/onions:n, garlic:k, black pepper:p, butter:g~, vegetable
            stock:m, parsley:b, lemon juice:t, paprika:s, flour:t^, ginger:t, cumin:s, soy sauce:t^,
            cream:m~, coriander:b, chilli/chillies:n, thyme:s, oregano:s, basil:b, sugar:t,
            vinegar:t, mustard:t, honey:t~, turmeric:s, coconut milk:m, tomato paste:t, chives:b,
            dill:b, mint:b, rosemary:s, yoghurt:m~, milk:m~, white wine:m, breadcrumbs:t^, nutmeg:p,
            cinnamon:s, cayenne pepper:p, fish sauce:t!, sesame oil:t, sesame seeds:t, shallots:n,
            spring onions:n, walnuts:g, capers:t, olives:g, anchovies:n!, parmesan:g~, sage:s,
            tarragon:s, saffron:p, cardamom:s, fennel seeds:s, sumac:s, harissa:s, miso:t, tahini:t,
            lime juice:t, allspice:p, horseradish:t, juniper berries:s, za’atar:s, pomegranate
            molasses:t, nigella seeds:s
        """,
        dishes="""
            soup:Soup, salad:Salad, stew:Main course, curry:Main course, pie:Main course^,
            bake:Dinner, casserole:Dinner, stir-fry:Dinner, gratin:Side dish~, bowl:Lunch,
            sandwich:Lunch^, traybake:Main course, dip:Starter, burgers:Main course, wraps:Lunch^,
            fritters:Snack, pilaf:Side dish, skewers:Starter, tart:Main course^, hash:Breakfast,
            chowder:Soup, patties:Snack, ragout:Dinner, broth:Soup, dumplings:Starter^,
            terrine:Starter, croquettes:Snack^, hotpot:Dinner, goulash:Main course, tacos:Lunch,
            galette:Main course^
        """,
        sections="For the sauce, To serve, For the marinade, For the topping, For the dressing",
        yields="4 plates, 6 portions, 1 large pot, 8 pieces, 2 trays",
        steps=(
            "Marinate for {n} minutes in the fridge.",
            "Brown on all sides in batches, so that the pan stays hot.",
            "Heat the oil in a wide pan and soften everything for {n} minutes over a medium heat.",
            "Stir in the spices and fry them until the kitchen smells of them.",
            "Pour in the liquid, bring it to the boil and simmer for {n} minutes.",
            "Cover and leave over a low heat for {n} minutes; stir now and then.",
            "Drain well, and keep a cup of the water for the sauce.",
            "Add the rest and let it come together for {n} minutes.",
            "Blend half of it until smooth and return it to the pot.",
            "Roast in the hot oven for {n} minutes until the edges are brown.",
            "Take the lid off and reduce the sauce for {n} minutes until it coats a spoon.",
            "Whisk the dressing until it thickens and pour it over while everything is warm.",
        ),
    ),
    sweet=Course(
        manners="""
            easy, quick, creamy, sticky, warm, baked, simple, classic, sweet, light, golden,
            upside-down, caramelised, spiced, frosted, whipped, overnight, nutty, winter, summer,
            Sunday, marbled, fluffy, candied, chewy, boozy, zesty, frozen
        """,
        mains="""
            apple/apples:n, chocolate:g, lemon/lemons:n, banana/bananas:n,
            strawberry/strawberries:w, vanilla:s, blueberry/blueberries:w, coconut:g, caramel:g~,
            almond/almonds:g, pear/pears:n, cherry/cherries:w, orange/oranges:n,
            raspberry/raspberries:w, peach/peaches:n, plum/plums:w, hazelnut/hazelnuts:g,
            walnut/walnuts:g, rhubarb:w, date/dates:g, fig/figs:n, apricot/apricots:w,
            mango/mangoes:n, pineapple:w, blackberry/blackberries:w, coffee:t,
            pistachio/pistachios:g, quince/quinces:n, poppy seed/poppy seeds:t,
            gooseberry/gooseberries:w, cranberry/cranberries:g, matcha:s, lavender:s,
            chestnut/chestnuts:g, elderflower:b, medlar/medlars:n
        """,
        others="""
            sugar:g, flour:g^, butter:g~, eggs:u~, milk:m~, baking powder:s, salt:p, vanilla
            extract:s, brown sugar:g, cream:m~, cinnamon:s, icing sugar:t, honey:t~, cocoa:t,
            oats:g, lemon zest:s, yoghurt:m~, cream cheese:g~, bicarbonate of soda:s, ground
            almonds:g, raisins:g, maple syrup:t, sunflower oil:m, cornflour:t, nutmeg:p, cardamom:s,
            dried yeast:s, ground ginger:s, orange juice:m, semolina:g^, marzipan:g, rum:t, star
            anise:n, tonka bean:p
        """,
        dishes="""
            cake:Dessert^, muffins:Breakfast^, crumble:Dessert^, tart:Dessert^, pudding:Dessert,
            biscuits:Snack^, ice cream:Dessert~, bread:Bread^, pancakes:Breakfast^~, mousse:Dessert,
            jam:Preserves, smoothie:Drink, pie:Dessert^, brownies:Snack^, cheesecake:Dessert~,
            granola:Breakfast, compote:Dessert, sorbet:Dessert, fool:Dessert~, scones:Snack^,
            porridge:Breakfast, trifle:Dessert^~, loaf:Bread^, cordial:Drink, strudel:Dessert^,
            truffles:Snack, chutney:Preserves, curd:Preserves~
        """,
        sections="For the filling, For the topping, For the glaze, To serve",
        yields="12 pieces, 1 loaf, 20 biscuits, 2 jars, 8 slices",
        steps=(
            "Heat the oven to 180 °C and line a tin with baking paper.",
            "Beat the mixture for {n} minutes until it is pale and thick.",
            "Fold in the dry ingredients, no longer than needed.",
            "Knead for {n} minutes until the dough no longer sticks, and cover it.",
            "Leave to rise in a warm place for {n} minutes.",
            "Cook over a low heat for {n} minutes and stir all the while.",
            "Spread it evenly and press it down with the back of a spoon.",
            "Chill for {n} minutes.",
            "Bake for {n} minutes until a skewer comes out clean.",
            "Leave in the tin for {n} minutes, then turn out onto a rack.",
        ),
    ),
)
