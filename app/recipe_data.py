"""The recipes of a fresh database, in the shape in which POST /api/v1/recipes takes them.

The first of the list is the latest on the home page. The first three belong to the sites that
they link to, so they are a link and a sentence; all others are traditional dishes, told anew.
"""

# ruff: noqa: RUF001 - A recipe is typeset, with true dashes and apostrophes.

from typing import Any


def _line(
    text: str,
    quantity: float | None = None,
    unit: str | None = None,
    food: str | None = None,
    **others: object,
) -> dict[str, Any]:
    """An ingredient with the members that say something; its note is what follows a comma."""
    note = text.partition(", ")[2] or None
    members = {"text": text, "quantity": quantity, "unit": unit, "food": food, "note": note}
    return {name: value for name, value in (members | others).items() if value is not None}


def _in_section(section: str, *items: str | dict[str, Any]) -> list[dict[str, Any]]:
    """The same ingredients or steps, each of them in this section."""
    documents = [{"text": item} if isinstance(item, str) else item for item in items]
    return [{**document, "section": section} for document in documents]


_OURS = {"source": "Traditional", "author": "Recipe API contributors"}

RECIPES: list[dict[str, Any]] = [
    {
        "label": "Chicken Vesuvio",
        "description": (
            "Chicago’s Italian-American classic: chicken and potatoes roasted with garlic, white "
            "wine and herbs."
        ),
        "url": "http://www.seriouseats.com/recipes/2011/12/chicken-vesuvio-recipe.html",
        "source": "Serious Eats",
        "language": "en",
        "tags": [
            "chicken",
            {"kind": "cuisine", "name": "Italian-American"},
            {"kind": "category", "name": "Main course"},
        ],
    },
    {
        "label": "Chicken Paprikash",
        "description": (
            "Hungarian comfort food: chicken stewed in a sauce that is red with paprika and round "
            "with sour cream."
        ),
        "url": "http://norecipes.com/recipe/chicken-paprikash/",
        "source": "No Recipes",
        "language": "en",
        "tags": [
            "chicken",
            "stew",
            {"kind": "cuisine", "name": "Hungarian"},
            {"kind": "category", "name": "Main course"},
        ],
    },
    {
        "label": "Cauliflower and Tofu Curry Recipe",
        "description": (
            "Cauliflower and tofu share a warmly spiced curry sauce, for an evening without meat."
        ),
        "url": "http://www.seriouseats.com/recipes/2011/02/cauliflower-and-tofu-curry-recipe.html",
        "source": "Serious Eats",
        "language": "en",
        "tags": ["curry", "tofu", {"kind": "category", "name": "Main course"}],
    },
    {
        "label": "Ragù alla bolognese",
        "description": (
            "The slow meat sauce of Bologna, with more meat than tomato, on wide ribbons of egg "
            "pasta."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 20,
        "cook_minutes": 180,
        "total_minutes": 200,
        "servings": 6,
        "tags": [
            "pasta",
            "slow cooking",
            {"kind": "cuisine", "name": "Italian"},
            {"kind": "category", "name": "Main course"},
            {"kind": "method", "name": "Braising"},
        ],
        "ingredients": [
            *_in_section(
                "For the ragù",
                _line("2 tbsp olive oil", 2, "tbsp", "olive oil"),
                _line("20 g butter", 20, "g", "butter"),
                _line("150 g pancetta, finely chopped", 150, "g", "pancetta"),
                _line("1 onion, finely chopped", 1, food="onion"),
                _line("1 carrot, finely chopped", 1, food="carrot"),
                _line("1 celery stick, finely chopped", 1, food="celery stick"),
                _line("500 g coarsely minced beef, not too lean", 500, "g", "minced beef"),
                _line("150 ml dry white wine", 150, "ml", "dry white wine"),
                _line("1 tbsp tomato paste", 1, "tbsp", "tomato paste"),
                _line("300 g tomato passata", 300, "g", "tomato passata"),
                _line("250–350 ml beef stock", 250, "ml", "beef stock", quantity_max=350),
                _line("150 ml whole milk", 150, "ml", "whole milk"),
                _line("A little freshly grated nutmeg", food="nutmeg", optional=True),
                _line("Salt and black pepper, to taste", food="salt and black pepper"),
            ),
            *_in_section(
                "To serve",
                _line("500 g egg tagliatelle", 500, "g", "egg tagliatelle"),
                _line("60 g Parmesan, finely grated", 60, "g", "Parmesan"),
            ),
        ],
        "steps": [
            *_in_section(
                "For the ragù",
                {
                    "name": "Render the pancetta",
                    "minutes": 8,
                    "text": "Put the oil, butter and pancetta into a heavy pot and cook over "
                    "medium heat until the fat runs and the pancetta begins to colour.",
                },
                {
                    "name": "Soften the vegetables",
                    "minutes": 10,
                    "text": "Add the onion, carrot and celery with a pinch of salt and cook "
                    "gently until soft and sweet, without browning them.",
                },
                {
                    "name": "Brown the beef",
                    "minutes": 12,
                    "text": "Raise the heat, crumble in the beef and leave it alone until it "
                    "sizzles; then turn and break it up until the juices are gone and the meat is "
                    "brown.",
                },
                {
                    "name": "Reduce the wine",
                    "minutes": 4,
                    "text": "Pour in the wine, scrape the bottom of the pot clean and let the "
                    "wine boil away. Stir in the tomato paste and fry it for a minute.",
                },
                {
                    "name": "Simmer",
                    "minutes": 120,
                    "text": "Add the passata and 250 ml of the stock, cover with the lid ajar and "
                    "let it barely simmer for two hours. Stir now and then; add stock whenever it "
                    "looks dry.",
                },
                {
                    "name": "Finish with milk",
                    "minutes": 25,
                    "text": "Stir in the milk and simmer uncovered until the ragù is thick and "
                    "glossy. Season with salt, pepper and nutmeg.",
                },
            ),
            *_in_section(
                "To serve",
                {
                    "text": "Boil the tagliatelle in plenty of salted water until just done, and "
                    "keep a cup of the water."
                },
                {
                    "text": "Toss the pasta with the hot ragù and a splash of the water over low "
                    "heat for a minute. Serve with the Parmesan."
                },
            ),
        ],
        "nutrition": {
            "serving_size": "1 plate with pasta",
            "calories": 740,
            "fat_g": 36,
            "saturated_fat_g": 14,
            "unsaturated_fat_g": 20,
            "trans_fat_g": 0.6,
            "carbohydrate_g": 65,
            "sugar_g": 8,
            "fiber_g": 5,
            "protein_g": 37,
            "sodium_mg": 800,
            "cholesterol_mg": 140,
        },
        "notes": (
            "- It is better on the second day, and freezes well for **three months**.\n"
            "- Double it: the time stays the same, only browning the meat wants two rounds.\n"
            "- Red wine is just as usual as white."
        ),
    },
    {
        "label": "Shakshuka",
        "description": (
            "Eggs poached in a thick, spiced sauce of tomatoes and peppers, eaten with bread "
            "straight from the pan."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 10,
        "cook_minutes": 35,
        "servings": 3,
        "tags": [
            "eggs",
            "one pan",
            {"kind": "cuisine", "name": "North African"},
            {"kind": "cuisine", "name": "Middle Eastern"},
            {"kind": "category", "name": "Breakfast"},
            {"kind": "diet", "name": "Vegetarian"},
            {"kind": "tool", "name": "Frying pan with a lid"},
        ],
        "ingredients": [
            _line("3 tbsp olive oil", 3, "tbsp", "olive oil"),
            _line("1 large onion, sliced", 1, food="onion"),
            _line("1 red pepper, in strips", 1, food="red pepper"),
            _line("2–3 cloves garlic, sliced", 2, "cloves", "garlic", quantity_max=3),
            _line("1 ½ tsp ground cumin", 1.5, "tsp", "ground cumin"),
            _line("1 tsp sweet paprika", 1, "tsp", "sweet paprika"),
            _line("¼ tsp chilli flakes", 0.25, "tsp", "chilli flakes"),
            _line("800 g tinned tomatoes, crushed by hand", 800, "g", "tinned tomatoes"),
            _line("½ tsp sugar, if the tomatoes are sharp", 0.5, "tsp", "sugar", optional=True),
            _line("4–6 eggs", 4, food="eggs", quantity_max=6),
            _line("80 g feta, crumbled", 80, "g", "feta", optional=True),
            _line("A handful of coriander or parsley, chopped", food="coriander or parsley"),
            _line("Salt, to taste", food="salt"),
            "Bread, for the sauce",
        ],
        "steps": [
            {
                "minutes": 12,
                "text": "Heat the oil in a wide pan over medium heat. Cook the onion and the "
                "pepper with a pinch of salt until soft and golden at the edges.",
            },
            {
                "minutes": 1,
                "text": "Add the garlic, cumin, paprika and chilli and stir until they smell "
                "strongly.",
            },
            {
                "minutes": 14,
                "text": "Add the tomatoes, and the sugar if needed. Simmer until a spoon drawn "
                "through the sauce leaves a trail. Taste for salt.",
            },
            {
                "minutes": 7,
                "text": "Make a hollow for each egg and crack it in. Cover and cook over low heat "
                "until the whites are set and the yolks still soft.",
            },
            (
                "Take off the heat, scatter the feta and the herbs over it and serve at once with "
                "the bread."
            ),
        ],
        "nutrition": {
            "serving_size": "a third of the pan, without feta and bread",
            "calories": 325,
            "fat_g": 22,
            "saturated_fat_g": 4.6,
            "unsaturated_fat_g": 16,
            "carbohydrate_g": 18,
            "sugar_g": 12,
            "fiber_g": 5,
            "protein_g": 14,
            "sodium_mg": 620,
            "cholesterol_mg": 310,
        },
        "notes": (
            "The sauce keeps for four days in the refrigerator. Heat it well *before* the eggs go "
            "in, or the yolks are hard by the time the whites are done."
        ),
    },
    {
        "label": "Pad Thai",
        "description": (
            "Stir-fried rice noodles with prawns, tofu and egg, balanced between sour tamarind, "
            "salt and palm sugar."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 25,
        "cook_minutes": 10,
        "total_minutes": 45,
        "servings": 2,
        "tags": [
            "noodles",
            "street food",
            {"kind": "cuisine", "name": "Thai"},
            {"kind": "category", "name": "Main course"},
            {"kind": "method", "name": "Stir-frying"},
            {"kind": "tool", "name": "Wok"},
        ],
        "ingredients": [
            _line("150 g dried flat rice noodles, 5 mm wide", 150, "g", "dried flat rice noodles"),
            *_in_section(
                "For the sauce",
                _line(
                    "2 ½ tbsp Thai tamarind paste, not concentrate", 2.5, "tbsp", "tamarind paste"
                ),
                _line("30 g palm sugar, chopped", 30, "g", "palm sugar"),
                _line("2 tbsp fish sauce", 2, "tbsp", "fish sauce"),
            ),
            *_in_section(
                "For the wok",
                _line("2 tbsp neutral oil", 2, "tbsp", "neutral oil"),
                _line("150 g raw prawns, peeled", 150, "g", "raw prawns"),
                _line("2 shallots, sliced", 2, food="shallots"),
                _line("2–3 cloves garlic, chopped", 2, "cloves", "garlic", quantity_max=3),
                _line("80 g firm tofu, in small sticks", 80, "g", "firm tofu"),
                _line("1 tbsp dried shrimps", 1, "tbsp", "dried shrimps", optional=True),
                _line(
                    "1 tbsp preserved radish, chopped", 1, "tbsp", "preserved radish", optional=True
                ),
                _line("2 eggs", 2, food="eggs"),
                _line("100 g bean sprouts", 100, "g", "bean sprouts"),
                _line("40 g garlic chives, in short lengths", 40, "g", "garlic chives"),
            ),
            *_in_section(
                "To serve",
                _line("30 g roasted peanuts, crushed", 30, "g", "roasted peanuts"),
                _line("½ lime, in wedges", 0.5, food="lime"),
                _line("Chilli flakes, to taste", food="chilli flakes"),
            ),
        ],
        "steps": [
            {
                "name": "Soak",
                "minutes": 35,
                "text": "Cover the noodles with water at room temperature until they bend like "
                "leather but are still firm. Drain. Prepare all the rest meanwhile: at the wok "
                "there is no time.",
            },
            {
                "name": "Make the sauce",
                "minutes": 3,
                "text": "Warm the tamarind, palm sugar and fish sauce in a small pan until the "
                "sugar has melted. It should taste sour first, then salty, then sweet, and too "
                "strong on its own.",
            },
            {
                "name": "Sear the prawns",
                "minutes": 2,
                "text": "Heat half of the oil in a wok over the highest heat. Sear the prawns "
                "until just pink, and take them out.",
            },
            {
                "name": "Fry the base",
                "minutes": 2,
                "text": "Add the rest of the oil, then the shallots, garlic and tofu, with the "
                "dried shrimps and the radish if you use them. Stir until the garlic turns golden.",
            },
            {
                "name": "Cook the noodles",
                "minutes": 2,
                "text": "Add the noodles and the sauce and keep turning them until the sauce is "
                "absorbed. If they are still hard, add water by the spoonful.",
            },
            {
                "name": "Add the eggs",
                "minutes": 1,
                "text": "Push the noodles aside, crack the eggs into the gap, break the yolks and "
                "let them nearly set. Fold the noodles over them.",
            },
            {
                "name": "Finish",
                "minutes": 1,
                "text": "Return the prawns with most of the sprouts and chives and half of the "
                "peanuts. Toss twice and take off the heat. Serve with the rest, the lime and the "
                "chilli.",
            },
        ],
        "nutrition": {
            "serving_size": "1 plate",
            "calories": 780,
            "fat_g": 30,
            "saturated_fat_g": 4.5,
            "unsaturated_fat_g": 24,
            "carbohydrate_g": 92,
            "sugar_g": 22,
            "fiber_g": 5,
            "protein_g": 36,
            "sodium_mg": 1500,
            "cholesterol_mg": 305,
        },
        "notes": (
            "**Two portions at a time.** A crowded wok steams: for four people, cook it twice."
        ),
    },
    {
        "label": "Crème brûlée",
        "description": (
            "A trembling vanilla custard under a thin sheet of burnt sugar that cracks under the "
            "spoon."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 20,
        "cook_minutes": 50,
        "total_minutes": 340,
        "servings": 4,
        "yield_text": "4 ramekins",
        "tags": [
            "custard",
            "make ahead",
            {"kind": "cuisine", "name": "French"},
            {"kind": "category", "name": "Dessert"},
            {"kind": "diet", "name": "Vegetarian"},
            {"kind": "diet", "name": "Gluten-free"},
            {"kind": "tool", "name": "Blowtorch"},
            {"kind": "method", "name": "Water bath"},
        ],
        "ingredients": [
            _line("500 ml whipping cream, at least 35 % fat", 500, "ml", "whipping cream"),
            _line("1 vanilla pod, split and scraped", 1, food="vanilla pod"),
            _line("5 egg yolks", 5, food="egg yolks"),
            _line("75 g caster sugar", 75, "g", "caster sugar"),
            _line("1 pinch salt", 1, "pinch", "salt"),
            _line("4–6 tsp caster sugar, for the crust", 4, "tsp", "caster sugar", quantity_max=6),
        ],
        "steps": [
            {
                "name": "Infuse",
                "minutes": 20,
                "text": "Heat the cream with the vanilla seeds and the pod until it steams, but "
                "do not boil it. Cover, leave it for 15 minutes and take out the pod. Heat the "
                "oven to 150 °C (300 °F), without fan.",
            },
            {
                "name": "Mix",
                "minutes": 5,
                "text": "Stir the yolks with the sugar and the salt, without beating in air. Pour "
                "in the warm cream slowly while stirring, strain, and skim off the froth.",
            },
            {
                "name": "Bake",
                "minutes": 40,
                "text": "Divide among four ramekins in a deep tin. Pour hot water into the tin to "
                "half their height. Bake until the edges are set and the middle still wobbles, "
                "about 80 °C (175 °F) inside; begin to look after 30 minutes.",
            },
            {
                "name": "Chill",
                "minutes": 270,
                "text": "Take the ramekins out of the water, let them cool for half an hour, "
                "cover and refrigerate for at least four hours, or overnight.",
            },
            {
                "name": "Burn the sugar",
                "minutes": 5,
                "text": "Dry the surface with kitchen paper, sprinkle each with 1 to 1 ½ "
                "teaspoons of sugar, and melt it with a blowtorch in small circles until amber. "
                "Wait two minutes, so that it hardens, and serve.",
            },
        ],
        "nutrition": {
            "serving_size": "1 ramekin",
            "calories": 580,
            "fat_g": 50,
            "saturated_fat_g": 30,
            "unsaturated_fat_g": 17,
            "trans_fat_g": 1.2,
            "carbohydrate_g": 28,
            "sugar_g": 28,
            "fiber_g": 0,
            "protein_g": 6,
            "sodium_mg": 80,
            "cholesterol_mg": 380,
        },
        "notes": (
            "- The custards keep for two days in the refrigerator. Burn the sugar just before "
            "serving.\n"
            "- *No torch?* Put the cold ramekins close under a very hot grill and do not walk "
            "away.\n"
            "- The whites freeze well; label them with their number."
        ),
    },
    {
        "label": "Gỏi cuốn",
        "description": (
            "Vietnamese summer rolls with pork, prawns, rice noodles and herbs, and a warm hoisin "
            "and peanut sauce."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 45,
        "cook_minutes": 40,
        "total_minutes": 85,
        "servings": 4,
        "yield_text": "12 rolls",
        "tags": [
            "finger food",
            "fresh herbs",
            {"kind": "cuisine", "name": "Vietnamese"},
            {"kind": "category", "name": "Starter"},
            {"kind": "method", "name": "Poaching"},
        ],
        "ingredients": [
            *_in_section(
                "For the rolls",
                _line("300 g pork shoulder, in one piece", 300, "g", "pork shoulder"),
                _line("1 shallot, halved", 1, food="shallot"),
                _line("1 tsp salt", 1, "tsp", "salt"),
                _line("18 medium raw prawns, in their shells", 18, food="raw prawns"),
                _line("150 g thin rice vermicelli", 150, "g", "rice vermicelli"),
                _line("12 round rice papers, 22 cm across", 12, food="rice papers"),
                _line("1 soft lettuce, leaves torn", 1, food="soft lettuce"),
                _line("½ cucumber, in long thin sticks", 0.5, food="cucumber"),
                _line("1 bunch mint", 1, "bunch", "mint"),
                _line("1 bunch coriander", 1, "bunch", "coriander"),
                _line("24 garlic chives", 24, food="garlic chives", optional=True),
            ),
            *_in_section(
                "For the dipping sauce",
                _line("1 tsp neutral oil", 1, "tsp", "neutral oil"),
                _line("1 clove garlic, finely chopped", 1, "clove", "garlic"),
                _line("5 tbsp hoisin sauce", 5, "tbsp", "hoisin sauce"),
                _line("2 tbsp smooth peanut butter", 2, "tbsp", "smooth peanut butter"),
                _line("100 ml pork broth, from the pot", 100, "ml", "pork broth"),
                _line("2 tsp lime juice", 2, "tsp", "lime juice"),
                "Crushed peanuts and sliced chilli, on top",
            ),
        ],
        "steps": [
            *_in_section(
                "For the rolls",
                {
                    "name": "Cook the pork",
                    "minutes": 35,
                    "text": "Cover the pork with cold water, add the shallot and the salt, bring "
                    "to the boil and skim. Simmer gently until it is 71 °C (160 °F) inside. Cool "
                    "it in cold water, and slice it thinly across the grain. Keep the broth.",
                },
                {
                    "name": "Cook the prawns",
                    "minutes": 3,
                    "text": "Simmer the prawns in the broth until they are just pink and curled. "
                    "Cool them in cold water, peel, cut in half lengthwise and remove the dark "
                    "vein.",
                },
                {
                    "name": "Cook the noodles",
                    "minutes": 5,
                    "text": "Boil the vermicelli as the packet says, rinse them cold and drain "
                    "them very well.",
                },
                {
                    "name": "Roll",
                    "minutes": 25,
                    "text": "Dip a rice paper into warm water for a second or two and lay it on a "
                    "damp board; it goes on softening there. Put lettuce, noodles, herbs, "
                    "cucumber and pork on the lower third. Fold the bottom over, fold in the "
                    "sides, lay three prawn halves pink side down along the fold and two chives "
                    "so that they stick out, and roll up tightly.",
                },
            ),
            *_in_section(
                "For the dipping sauce",
                {
                    "minutes": 4,
                    "text": "Fry the garlic in the oil until pale gold. Stir in the hoisin sauce, "
                    "the peanut butter and the broth and simmer until it coats a spoon. Off the "
                    "heat, add the lime juice. Serve warm with the peanuts and the chilli on top.",
                },
            ),
        ],
        "nutrition": {
            "serving_size": "3 rolls with sauce",
            "calories": 525,
            "fat_g": 17,
            "saturated_fat_g": 4.7,
            "unsaturated_fat_g": 11.5,
            "carbohydrate_g": 65,
            "sugar_g": 12,
            "fiber_g": 4,
            "protein_g": 28,
            "sodium_mg": 640,
            "cholesterol_mg": 125,
        },
        "notes": (
            "Best within an hour or two. To keep them longer, cover each roll with a damp cloth "
            "so that they neither dry nor stick, and **do not refrigerate** them bare: the paper "
            "turns hard."
        ),
    },
    {
        "label": "Dal tadka",
        "description": (
            "Soft yellow lentils with ginger and tomato, finished with garlic, cumin and chillies "
            "sizzled in ghee."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 15,
        "cook_minutes": 60,
        "total_minutes": 90,
        "servings": 4,
        "tags": [
            "lentils",
            "weeknight",
            {"kind": "cuisine", "name": "Indian"},
            {"kind": "category", "name": "Main course"},
            {"kind": "diet", "name": "Vegetarian"},
            {"kind": "diet", "name": "Gluten-free"},
            {"kind": "method", "name": "Tempering"},
        ],
        "ingredients": [
            *_in_section(
                "For the dal",
                _line("200 g split pigeon peas (toor dal)", 200, "g", "split pigeon peas"),
                _line("1 l water", 1, "l", "water"),
                _line("½ tsp ground turmeric", 0.5, "tsp", "ground turmeric"),
                _line("1 ¼ tsp salt", 1.25, "tsp", "salt"),
            ),
            *_in_section(
                "For the masala",
                _line("2 tbsp ghee", 2, "tbsp", "ghee"),
                _line("1 onion, finely chopped", 1, food="onion"),
                _line("1 tbsp grated ginger", 1, "tbsp", "ginger", note="grated"),
                _line("1–2 green chillies, slit", 1, food="green chillies", quantity_max=2),
                _line("2 tomatoes, chopped", 2, food="tomatoes"),
                _line("½ tsp garam masala", 0.5, "tsp", "garam masala"),
            ),
            *_in_section(
                "For the tadka",
                _line("1 ½ tbsp ghee", 1.5, "tbsp", "ghee"),
                _line("1 tsp cumin seeds", 1, "tsp", "cumin seeds"),
                _line("3–4 cloves garlic, sliced", 3, "cloves", "garlic", quantity_max=4),
                _line("2 dried red chillies", 2, food="dried red chillies"),
                _line("⅛ tsp asafoetida, without wheat", 0.125, "tsp", "asafoetida", optional=True),
                _line("½ tsp Kashmiri chilli powder", 0.5, "tsp", "Kashmiri chilli powder"),
            ),
            *_in_section(
                "To serve",
                _line("Lemon juice, to taste", food="lemon juice"),
                "Chopped coriander, and steamed rice",
            ),
        ],
        "steps": [
            {
                "name": "Soak",
                "minutes": 30,
                "text": "Rinse the peas until the water is clear, and soak them in fresh water. "
                "Drain.",
            },
            {
                "name": "Boil",
                "minutes": 50,
                "text": "Bring the peas to the boil in the litre of water, skim, add the turmeric "
                "and simmer with the lid ajar until they fall apart when pressed; top up with hot "
                "water if needed. Add the salt and whisk until creamy.",
            },
            {
                "name": "Make the masala",
                "minutes": 15,
                "text": "While the peas simmer, fry the onion in the ghee until golden. Add the "
                "ginger and the chillies, after a minute the tomatoes, and cook until the fat "
                "separates at the edges. Stir in the garam masala.",
            },
            {
                "name": "Join",
                "minutes": 6,
                "text": "Stir the masala into the dal and simmer together. It should pour like a "
                "thick soup.",
            },
            {
                "name": "Temper",
                "minutes": 2,
                "text": "Heat the ghee for the tadka in a small pan. Add the cumin; when it "
                "crackles, the garlic and the dried chillies; when the garlic is golden, take the "
                "pan off the heat and add the asafoetida and the chilli powder. Pour it over the "
                "dal at once.",
            },
            "Sharpen with lemon juice, scatter the coriander over it and serve with rice.",
        ],
        "nutrition": {
            "serving_size": "1 bowl, without rice",
            "calories": 315,
            "fat_g": 13,
            "saturated_fat_g": 8,
            "unsaturated_fat_g": 4.5,
            "carbohydrate_g": 37,
            "sugar_g": 5,
            "fiber_g": 9,
            "protein_g": 12,
            "sodium_mg": 740,
            "cholesterol_mg": 30,
        },
        "notes": (
            "1. *In a pressure cooker* the peas need 10 minutes at full pressure and only 700 ml "
            "of water.\n"
            "2. *Red lentils* need no soaking and about 25 minutes.\n"
            "3. With oil instead of ghee it is vegan."
        ),
    },
    {
        "label": "Pão de queijo",
        "description": (
            "Chewy cheese rolls from Minas Gerais, made of scalded tapioca starch and gone before "
            "they are cold."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 25,
        "cook_minutes": 22,
        "total_minutes": 60,
        "servings": 8,
        "yield_text": "24 rolls",
        "tags": [
            "cheese",
            "freezes well",
            {"kind": "cuisine", "name": "Brazilian"},
            {"kind": "category", "name": "Snack"},
            {"kind": "diet", "name": "Gluten-free"},
            {"kind": "method", "name": "Baking"},
        ],
        "ingredients": [
            _line("300 g sour tapioca starch (polvilho azedo)", 300, "g", "sour tapioca starch"),
            _line("150 ml whole milk", 150, "ml", "whole milk"),
            _line("75 ml sunflower oil", 75, "ml", "sunflower oil"),
            _line("¾ tsp salt", 0.75, "tsp", "salt"),
            _line("2 eggs, beaten", 2, food="eggs"),
            _line("150 g Minas cheese or mozzarella, grated", 150, "g", "Minas cheese"),
            _line("50 g Parmesan, finely grated", 50, "g", "Parmesan"),
        ],
        "steps": [
            {
                "name": "Scald",
                "minutes": 5,
                "text": "Put the starch into a large bowl. Bring the milk, oil and salt to a full "
                "boil, pour it over the starch and stir with a wooden spoon until it is lumpy and "
                "evenly wet.",
            },
            {
                "name": "Cool",
                "minutes": 10,
                "text": "Let it cool until you can hold a hand in it; hot dough would cook the "
                "eggs. Heat the oven to 200 °C (400 °F).",
            },
            {
                "name": "Knead",
                "minutes": 8,
                "text": "Work in the eggs little by little, then both cheeses. Stop adding egg "
                "when the dough is soft, smooth and sticky but still holds a shape.",
            },
            {
                "name": "Shape",
                "minutes": 10,
                "text": "With oiled hands, roll 24 balls of about 35 g, the size of a walnut in "
                "its shell. Set them well apart on two lined trays.",
            },
            {
                "name": "Bake",
                "minutes": 22,
                "text": "Bake until puffed and lightly golden, 20 to 25 minutes. Do not open the "
                "oven for the first 15, or they sink. Eat them warm.",
            },
        ],
        "nutrition": {
            "serving_size": "3 rolls",
            "calories": 320,
            "fat_g": 16,
            "saturated_fat_g": 5.2,
            "unsaturated_fat_g": 10,
            "trans_fat_g": 0.2,
            "carbohydrate_g": 35,
            "sugar_g": 1,
            "fiber_g": 0.3,
            "protein_g": 9,
            "sodium_mg": 430,
            "cholesterol_mg": 70,
        },
        "notes": (
            "- With sweet tapioca starch they are milder and rounder.\n"
            "- Freeze the raw balls on a tray, then bag them. They bake *from frozen* in about 28 "
            "minutes."
        ),
    },
    {
        "label": "Käsespätzle",
        "description": (
            "Frisch geschabte Spätzle, im Ofen mit kräftigem Bergkäse geschichtet und mit braunen "
            "Zwiebeln bedeckt."
        ),
        **_OURS,
        "language": "de",
        "prep_minutes": 30,
        "cook_minutes": 40,
        "servings": 4,
        "yield_text": "1 große Auflaufform",
        "tags": [
            "Käse",
            "Hausmannskost",
            {"kind": "cuisine", "name": "Schwäbisch"},
            {"kind": "category", "name": "Hauptgericht"},
            {"kind": "tool", "name": "Spätzlepresse"},
        ],
        "ingredients": [
            *_in_section(
                "Für den Teig",
                _line("400 g Weizenmehl Type 405", 400, "g", "Weizenmehl", note="oder Spätzlemehl"),
                _line("4 Eier", 4, food="Eier"),
                _line("1 TL Salz", 1, "TL", "Salz"),
                _line("150–200 ml kaltes Wasser", 150, "ml", "kaltes Wasser", quantity_max=200),
            ),
            *_in_section(
                "Zum Schichten",
                _line("200 g Bergkäse, gerieben", 200, "g", "Bergkäse"),
                _line("100 g Emmentaler, gerieben", 100, "g", "Emmentaler"),
                _line("Pfeffer und Muskat, nach Geschmack", food="Pfeffer und Muskat"),
            ),
            *_in_section(
                "Für die Zwiebeln",
                _line("3 große Zwiebeln, in Ringen", 3, food="Zwiebeln"),
                _line("50 g Butter", 50, "g", "Butter"),
                _line("½ Bund Schnittlauch, fein", 0.5, "Bund", "Schnittlauch", optional=True),
            ),
        ],
        "steps": [
            {
                "name": "Teig schlagen",
                "minutes": 10,
                "text": "Mehl, Eier, Salz und 150 ml Wasser mit einem Kochlöffel kräftig "
                "schlagen, bis der Teig Blasen wirft. Er soll zäh und langsam vom Löffel reißen; "
                "ist er zu fest, noch etwas Wasser zugeben.",
            },
            {
                "name": "Ruhen lassen",
                "minutes": 20,
                "text": "Den Teig zugedeckt ruhen lassen. Den Backofen auf 160 °C (320 °F) Ober- "
                "und Unterhitze vorheizen und eine Auflaufform hineinstellen.",
            },
            {
                "name": "Zwiebeln bräunen",
                "minutes": 25,
                "text": "Inzwischen die Zwiebeln in der Butter mit einer Prise Salz bei mittlerer "
                "Hitze braten, bis sie weich und goldbraun sind. Zum Schluss die Hitze erhöhen, "
                "damit die Ränder knusprig werden.",
            },
            {
                "name": "Spätzle kochen",
                "minutes": 15,
                "text": "Reichlich Salzwasser zum Sieden bringen. Den Teig portionsweise "
                "hineinpressen oder vom Brett schaben. Sobald die Spätzle oben schwimmen, noch "
                "eine halbe Minute warten, dann herausheben und gut abtropfen lassen.",
            },
            {
                "name": "Schichten",
                "minutes": 10,
                "text": "Jede Portion sofort in die heiße Form geben, mit Käse bestreuen und "
                "leicht pfeffern, und die Form wieder in den Ofen stellen. Nach der letzten "
                "Schicht alles 5 Minuten im Ofen lassen, bis der Käse Fäden zieht.",
            },
            (
                "Mit den Zwiebeln und dem Schnittlauch bedecken und sofort mit einem grünen Salat "
                "auftragen."
            ),
        ],
        "nutrition": {
            "serving_size": "1 Teller",
            "calories": 830,
            "fat_g": 40,
            "saturated_fat_g": 23,
            "unsaturated_fat_g": 14,
            "trans_fat_g": 1.2,
            "carbohydrate_g": 80,
            "sugar_g": 6,
            "fiber_g": 4,
            "protein_g": 37,
            "sodium_mg": 900,
            "cholesterol_mg": 290,
        },
        "notes": (
            "**Reste** am nächsten Tag in wenig Butter anbraten, bis sie unten eine Kruste haben."
        ),
    },
    {
        "label": "Борщ (Borshch)",
        "description": (
            "Ukrainian beetroot soup on a beef broth, sweet and sour, with garlic, dill and a "
            "spoon of sour cream."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 30,
        "cook_minutes": 150,
        "total_minutes": 200,
        "servings": 8,
        "yield_text": "about 3 litres",
        "tags": [
            "beetroot",
            "make ahead",
            {"kind": "cuisine", "name": "Ukrainian"},
            {"kind": "category", "name": "Soup"},
            {"kind": "method", "name": "Simmering"},
        ],
        "ingredients": [
            *_in_section(
                "For the broth",
                _line("800 g beef shin, on the bone", 800, "g", "beef shin"),
                _line("2 ½ l cold water", 2.5, "l", "cold water"),
                _line("1 onion, halved", 1, food="onion"),
                _line("2 bay leaves", 2, food="bay leaves"),
                _line("6 peppercorns", 6, food="peppercorns"),
                _line("2 tsp salt", 2, "tsp", "salt"),
            ),
            *_in_section(
                "For the soup",
                _line("2 tbsp sunflower oil", 2, "tbsp", "sunflower oil"),
                _line("400 g beetroot, in 5 mm matchsticks", 400, "g", "beetroot"),
                _line("1 tbsp wine vinegar", 1, "tbsp", "wine vinegar"),
                _line("1 tsp sugar", 1, "tsp", "sugar"),
                _line("1 onion, chopped", 1, food="onion"),
                _line("1 large carrot, grated", 1, food="carrot"),
                _line("2 tbsp tomato paste", 2, "tbsp", "tomato paste"),
                _line("400 g potatoes, diced", 400, "g", "potatoes"),
                _line("300 g white cabbage, shredded", 300, "g", "white cabbage"),
                _line("3–4 cloves garlic, crushed", 3, "cloves", "garlic", quantity_max=4),
            ),
            *_in_section(
                "To serve",
                _line("160 g sour cream", 160, "g", "sour cream"),
                _line("1 small bunch dill, chopped", 1, "bunch", "dill"),
                _line("Dark rye bread", food="dark rye bread", optional=True),
            ),
        ],
        "steps": [
            *_in_section(
                "For the broth",
                {
                    "minutes": 120,
                    "text": "Cover the beef with the cold water, bring slowly to the boil and "
                    "skim. Add the onion, bay leaves, peppercorns and salt, and simmer with the "
                    "lid ajar until the meat comes off the bone, about two hours. Strain the "
                    "broth, top it up with water to 2 litres, and cut up the meat.",
                },
            ),
            *_in_section(
                "For the soup",
                {
                    "minutes": 20,
                    "text": "Meanwhile heat half of the oil in a wide pan. Add the beetroot, "
                    "vinegar and sugar, cover, and stew over low heat with a ladle of broth until "
                    "nearly tender. The vinegar keeps the colour.",
                },
                {
                    "minutes": 10,
                    "text": "Fry the onion and the carrot in the rest of the oil until soft, stir "
                    "in the tomato paste and fry it for two minutes.",
                },
                {"minutes": 10, "text": "Boil the potatoes in the broth for ten minutes."},
                {
                    "minutes": 10,
                    "text": "Add the cabbage, the fried vegetables, the beetroot and the meat. "
                    "Simmer until the cabbage is tender, but do not let it boil hard any more, or "
                    "the red turns brown.",
                },
                {
                    "name": "Rest",
                    "minutes": 20,
                    "text": "Stir in the garlic and half of the dill, taste for salt, vinegar and "
                    "sugar, and leave the pot covered, off the heat.",
                },
            ),
            *_in_section(
                "To serve",
                (
                    "Ladle into deep plates, each with a spoon of sour cream and some dill, and "
                    "pass the bread."
                ),
            ),
        ],
        "nutrition": {
            "serving_size": "1 deep plate",
            "calories": 270,
            "fat_g": 13,
            "saturated_fat_g": 5,
            "unsaturated_fat_g": 7,
            "carbohydrate_g": 21,
            "sugar_g": 9,
            "fiber_g": 4,
            "protein_g": 18,
            "sodium_mg": 700,
            "cholesterol_mg": 60,
        },
        "notes": (
            "It is at its best the day after. Without the beef, on a broth of dried mushrooms, it "
            "is the meatless borshch of Christmas Eve."
        ),
    },
    {
        "label": "Jollof rice",
        "description": (
            "West Africa’s party rice, cooked in a fried-down purée of tomatoes, red peppers and "
            "Scotch bonnet."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 20,
        "cook_minutes": 75,
        "total_minutes": 105,
        "servings": 6,
        "tags": [
            "rice",
            "party",
            "spicy",
            {"kind": "cuisine", "name": "Nigerian"},
            {"kind": "cuisine", "name": "West African"},
            {"kind": "category", "name": "Main course"},
            {"kind": "tool", "name": "Blender"},
        ],
        "ingredients": [
            *_in_section(
                "For the pepper base",
                _line("400 g tinned plum tomatoes", 400, "g", "tinned plum tomatoes"),
                _line("2 red peppers, in pieces", 2, food="red peppers"),
                _line("½ onion, in pieces", 0.5, food="onion"),
                _line(
                    "1–2 Scotch bonnet chillies", 1, food="Scotch bonnet chillies", quantity_max=2
                ),
            ),
            *_in_section(
                "For the rice",
                _line("6 tbsp vegetable oil", 6, "tbsp", "vegetable oil"),
                _line("1 ½ onions, sliced", 1.5, food="onions"),
                _line("3 tbsp tomato paste", 3, "tbsp", "tomato paste"),
                _line("2 tsp mild curry powder", 2, "tsp", "mild curry powder"),
                _line("1 tsp dried thyme", 1, "tsp", "dried thyme"),
                _line("2 bay leaves", 2, food="bay leaves"),
                _line("1 ¼ tsp salt", 1.25, "tsp", "salt"),
                _line("2 ½ cups long-grain parboiled rice", 2.5, "cups", "parboiled rice"),
                _line("2 ½ cups chicken stock, hot", 2.5, "cups", "chicken stock"),
                _line("1 tbsp butter", 1, "tbsp", "butter"),
                _line("1 tomato, sliced", 1, food="tomato", optional=True),
            ),
        ],
        "steps": [
            {
                "name": "Blend",
                "minutes": 3,
                "text": "Blend the tomatoes, peppers, half onion and chillies until smooth. "
                "Without the chilli seeds it is milder.",
            },
            {
                "name": "Fry the paste",
                "minutes": 10,
                "text": "Heat the oil in a wide, heavy pot. Fry the sliced onions until golden, "
                "set a third of them aside, add the tomato paste and fry it until it darkens and "
                "no longer smells raw.",
            },
            {
                "name": "Fry the base",
                "minutes": 20,
                "text": "Pour in the purée, add the curry powder, thyme, bay leaves and salt, and "
                "cook without a lid, stirring often, until it has reduced by half and the oil "
                "rises to the top. This is where the taste comes from.",
            },
            {
                "name": "Add the rice",
                "minutes": 5,
                "text": "Rinse the rice until the water is clear, and drain it well. Stir it into "
                "the base until every grain is red, add the stock and bring it to a simmer. The "
                "liquid should just reach the top of the rice.",
            },
            {
                "name": "Steam",
                "minutes": 35,
                "text": "Cover with foil and a tight lid and turn the heat to the lowest. After "
                "20 minutes turn the rice over once from the bottom; if it is dry and still hard, "
                "add a few spoons of stock. Cook until tender.",
            },
            {
                "name": "Rest",
                "minutes": 10,
                "text": "Fold in the butter, the fried onions and the tomato, cover again and "
                "leave it off the heat. A crust at the bottom is no accident: it is the smoky "
                "*bottom pot*.",
            },
        ],
        "nutrition": {
            "serving_size": "1 plate",
            "calories": 460,
            "fat_g": 16,
            "saturated_fat_g": 2.7,
            "unsaturated_fat_g": 13,
            "carbohydrate_g": 71,
            "sugar_g": 8,
            "fiber_g": 4,
            "protein_g": 8,
            "sodium_mg": 780,
            "cholesterol_mg": 5,
        },
        "notes": (
            "With vegetable stock and oil instead of butter it is vegan. Serve with fried "
            "plantain, or with grilled chicken."
        ),
    },
    {
        "label": "Gazpacho andaluz",
        "description": (
            "Cold tomato soup for the hottest days: ripe vegetables, bread, sherry vinegar and "
            "good olive oil."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 20,
        "cook_minutes": 0,
        "total_minutes": 140,
        "servings": 4,
        "yield_text": "about 1.3 litres",
        "tags": [
            "summer",
            "no cooking",
            {"kind": "cuisine", "name": "Spanish"},
            {"kind": "category", "name": "Soup"},
            {"kind": "category", "name": "Starter"},
            {"kind": "diet", "name": "Vegan"},
            {"kind": "tool", "name": "Blender"},
        ],
        "ingredients": [
            _line("1 kg very ripe tomatoes, quartered", 1, "kg", "tomatoes"),
            _line("½ cucumber, peeled", 0.5, food="cucumber"),
            _line("1 green pepper, without seeds", 1, food="green pepper"),
            _line("1 small clove garlic", 1, "clove", "garlic", note="small"),
            _line("60 g stale white bread, without crust", 60, "g", "stale white bread"),
            _line("2 tbsp sherry vinegar", 2, "tbsp", "sherry vinegar"),
            _line("1 tsp salt", 1, "tsp", "salt"),
            _line("80 ml extra virgin olive oil", 80, "ml", "extra virgin olive oil"),
            _line("100–150 ml cold water", 100, "ml", "cold water", quantity_max=150),
            *_in_section(
                "To serve",
                _line("½ small red onion, finely diced", 0.5, food="red onion", optional=True),
                _line("Diced cucumber, pepper and croutons", optional=True),
            ),
        ],
        "steps": [
            (
                "Toss the tomatoes, cucumber, green pepper and garlic, in pieces, with the torn "
                "bread, the vinegar and the salt, and leave them for 10 minutes to give up their "
                "juice."
            ),
            (
                "Blend everything for a full two minutes. With the machine running, pour in the "
                "oil in a thin thread, until the soup turns from red to orange and looks creamy."
            ),
            (
                "Press it through a sieve and thin it with cold water to the thickness of single "
                "cream."
            ),
            {
                "name": "Chill",
                "minutes": 120,
                "text": "Refrigerate for at least two hours. Cold dulls the taste, so season "
                "again with salt and vinegar just before serving.",
            },
            "Serve in bowls or glasses, with the diced vegetables and the croutons apart.",
        ],
        "nutrition": {
            "serving_size": "1 bowl",
            "calories": 265,
            "fat_g": 19,
            "saturated_fat_g": 2.7,
            "unsaturated_fat_g": 16,
            "carbohydrate_g": 20,
            "sugar_g": 9,
            "fiber_g": 4,
            "protein_g": 4,
            "sodium_mg": 680,
            "cholesterol_mg": 0,
        },
        "notes": (
            "Everything hangs on the tomatoes. *Never add ice:* it waters the soup; put the bowls "
            "into the freezer instead."
        ),
    },
    {
        "label": "Izgara köfte",
        "description": (
            "Turkish meatballs from the grill, springy and juicy, with onions rubbed with sumac."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 25,
        "cook_minutes": 10,
        "total_minutes": 95,
        "servings": 4,
        "yield_text": "16 köfte",
        "tags": [
            "barbecue",
            "minced meat",
            {"kind": "cuisine", "name": "Turkish"},
            {"kind": "category", "name": "Main course"},
            {"kind": "method", "name": "Grilling"},
            {"kind": "tool", "name": "Charcoal grill"},
        ],
        "ingredients": [
            *_in_section(
                "For the köfte",
                _line("1 onion, grated", 1, food="onion"),
                _line("500 g minced beef or lamb, about 20 % fat", 500, "g", "minced beef"),
                _line("60 g fine dry breadcrumbs", 60, "g", "dry breadcrumbs", note="fine"),
                _line("2 cloves garlic, crushed", 2, "cloves", "garlic"),
                _line("1 ¼ tsp salt", 1.25, "tsp", "salt"),
                _line("1 tsp ground cumin", 1, "tsp", "ground cumin"),
                _line("1 tsp pul biber (Turkish chilli flakes)", 1, "tsp", "pul biber"),
                _line("½ tsp black pepper", 0.5, "tsp", "black pepper"),
                _line(
                    "½ tsp baking soda, for a springy bite",
                    0.5,
                    "tsp",
                    "baking soda",
                    optional=True,
                ),
                _line("1 tbsp olive oil, for the grill", 1, "tbsp", "olive oil"),
            ),
            *_in_section(
                "For the onion salad",
                _line("1 red onion, thinly sliced", 1, food="red onion"),
                _line("1 tsp sumac", 1, "tsp", "sumac"),
                _line("½ bunch flat parsley, chopped", 0.5, "bunch", "flat parsley"),
                _line("Salt, to taste", food="salt"),
            ),
            *_in_section("To serve", "Grilled tomatoes, long green peppers and flatbread"),
        ],
        "steps": [
            *_in_section(
                "For the köfte",
                {
                    "name": "Knead",
                    "minutes": 10,
                    "text": "Squeeze the juice out of the grated onion and pour it away. Knead "
                    "the onion with all the other ingredients except the oil until the mass is "
                    "sticky and holds together in one piece.",
                },
                {
                    "name": "Chill",
                    "minutes": 60,
                    "text": "Cover and refrigerate for an hour, or for up to a day, so that the "
                    "crumbs swell and the spices spread.",
                },
                {
                    "name": "Shape",
                    "minutes": 10,
                    "text": "With wet hands, form 16 flat ovals a finger thick.",
                },
                {
                    "name": "Grill",
                    "minutes": 8,
                    "text": "Brush a hot grill or griddle pan with the oil and grill the köfte "
                    "for about four minutes on each side, turning them once, until they are well "
                    "browned and 71 °C (160 °F) inside.",
                },
            ),
            *_in_section(
                "For the onion salad",
                (
                    "Rub the sliced onion with a little salt and the sumac until it softens and "
                    "turns pink; mix with the parsley. Serve with the köfte, the grilled "
                    "vegetables and the bread."
                ),
            ),
        ],
        "nutrition": {
            "serving_size": "4 köfte with onion salad, without bread",
            "calories": 395,
            "fat_g": 26,
            "saturated_fat_g": 10,
            "unsaturated_fat_g": 13.5,
            "trans_fat_g": 1,
            "carbohydrate_g": 16,
            "sugar_g": 4,
            "fiber_g": 2,
            "protein_g": 24,
            "sodium_mg": 830,
            "cholesterol_mg": 85,
        },
        "notes": (
            "Shaped and raw, they freeze well between sheets of baking paper. Thaw them in the "
            "refrigerator before grilling."
        ),
    },
    {
        "label": "Mole poblano con pollo",
        "description": (
            "Chicken in Puebla’s dark festive sauce of dried chillies, nuts, seeds, spices and a "
            "little chocolate."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 60,
        "cook_minutes": 120,
        "total_minutes": 180,
        "servings": 8,
        "tags": [
            "chicken",
            "feast",
            "chilli",
            {"kind": "cuisine", "name": "Mexican"},
            {"kind": "category", "name": "Main course"},
            {"kind": "tool", "name": "Blender"},
            {"kind": "method", "name": "Toasting"},
        ],
        "ingredients": [
            *_in_section(
                "For the chicken",
                _line("1.6 kg chicken pieces, on the bone", 1.6, "kg", "chicken pieces"),
                _line("½ onion", 0.5, food="onion"),
                _line("2 tsp salt", 2, "tsp", "salt"),
            ),
            *_in_section(
                "For the chilli paste",
                _line("6 dried ancho chillies", 6, food="dried ancho chillies"),
                _line("4 dried mulato chillies, or more ancho", 4, food="dried mulato chillies"),
                _line("4 dried pasilla chillies", 4, food="dried pasilla chillies"),
                _line("4 tbsp lard or oil", 4, "tbsp", "lard or oil"),
            ),
            *_in_section(
                "For the nut paste",
                _line("40 g almonds", 40, "g", "almonds"),
                _line("40 g raw peanuts", 40, "g", "raw peanuts"),
                _line("50 g sesame seeds", 50, "g", "sesame seeds"),
                _line("40 g raisins", 40, "g", "raisins"),
                _line("1 corn tortilla, torn", 1, food="corn tortilla"),
                _line("1 slice stale white bread", 1, "slice", "stale white bread"),
                _line("½ ripe plantain, sliced", 0.5, food="ripe plantain", optional=True),
                _line("3 tomatoes", 3, food="tomatoes"),
                _line("½ onion, in wedges", 0.5, food="onion"),
                _line("3–4 cloves garlic, unpeeled", 3, "cloves", "garlic", quantity_max=4),
                _line("3 whole cloves", 3, food="whole cloves"),
                _line("½ tsp black peppercorns", 0.5, "tsp", "black peppercorns"),
                _line("¼ tsp aniseed", 0.25, "tsp", "aniseed"),
                _line("½ stick Mexican cinnamon", 0.5, "stick", "Mexican cinnamon"),
            ),
            *_in_section(
                "To finish",
                _line("60 g Mexican or dark chocolate, chopped", 60, "g", "dark chocolate"),
                _line("1–2 tbsp brown sugar", 1, "tbsp", "brown sugar", quantity_max=2),
                _line("Salt, to taste", food="salt"),
                "Toasted sesame seeds, rice and warm tortillas",
            ),
        ],
        "steps": [
            {
                "name": "Poach the chicken",
                "minutes": 35,
                "text": "Cover the chicken with about 2 litres of water, add the onion and the "
                "salt and simmer gently until it is done, 74 °C (165 °F) at the bone. Keep the "
                "broth.",
            },
            {
                "name": "Toast and soak the chillies",
                "minutes": 35,
                "text": "Pull stems, seeds and veins from the chillies and put a spoon of the "
                "seeds aside. Warm half of the lard in a pan and fry the chillies, a few at a "
                "time, for ten seconds on each side until they smell of tobacco and cocoa; a "
                "burnt one makes the sauce bitter and must go. Cover with hot water, soak for 30 "
                "minutes and throw that water away.",
            },
            {
                "name": "Fry the rest",
                "minutes": 15,
                "text": "In the same fat fry one after the other until golden: the almonds and "
                "peanuts, the raisins until they swell, the plantain, the tortilla and the bread. "
                "Toast the sesame, the spices and the spoon of chilli seeds in a dry pan until "
                "fragrant.",
            },
            {
                "name": "Char the vegetables",
                "minutes": 12,
                "text": "In a dry, very hot pan char the tomatoes, the onion and the garlic until "
                "soft and black in spots. Peel the garlic.",
            },
            {
                "name": "Blend",
                "minutes": 15,
                "text": "Blend the chillies with about 300 ml of broth to a smooth paste and "
                "press it through a sieve. Blend everything fried, toasted and charred with "
                "another 400 ml of broth until no grain can be felt.",
            },
            {
                "name": "Fry the pastes",
                "minutes": 15,
                "text": "Heat the rest of the lard in a deep pot. Fry the chilli paste, stirring "
                "all the time, until it darkens and thickens; add the nut paste and fry for five "
                "minutes more. It spits.",
            },
            {
                "name": "Simmer",
                "minutes": 45,
                "text": "Thin with about 500 ml of broth and simmer over the lowest heat, "
                "stirring the bottom often, until the fat shines on top and the mole coats a "
                "spoon. Melt in the chocolate, and balance with sugar and salt.",
            },
            {
                "name": "Serve",
                "minutes": 10,
                "text": "Warm the chicken in the mole. Sprinkle with toasted sesame and serve "
                "with rice and tortillas.",
            },
        ],
        "nutrition": {
            "serving_size": "1 piece of chicken with sauce",
            "calories": 500,
            "fat_g": 27,
            "saturated_fat_g": 7,
            "unsaturated_fat_g": 18.5,
            "carbohydrate_g": 32,
            "sugar_g": 16,
            "fiber_g": 8,
            "protein_g": 32,
            "sodium_mg": 720,
            "cholesterol_mg": 110,
        },
        "notes": (
            "### Ahead of time\n\n"
            "The mole without the chicken keeps for a week in the refrigerator and for six months "
            "in the freezer, and gains by it.\n\n"
            "### Chillies\n\n"
            "| chilli | gives |\n"
            "|---|---|\n"
            "| ancho | sweetness, body |\n"
            "| mulato | chocolate, smoke |\n"
            "| pasilla | depth, some heat |"
        ),
    },
    {
        "label": "Soupe à l’oignon gratinée",
        "description": (
            "Des oignons fondus longuement au beurre, un bon bouillon, et une croûte de pain et "
            "de fromage doré."
        ),
        **_OURS,
        "language": "fr",
        "prep_minutes": 20,
        "cook_minutes": 95,
        "total_minutes": 115,
        "servings": 4,
        "yield_text": "4 bols",
        "tags": [
            "oignon",
            "hiver",
            {"kind": "cuisine", "name": "Française"},
            {"kind": "category", "name": "Soupe"},
            {"kind": "method", "name": "Gratiner"},
        ],
        "ingredients": [
            *_in_section(
                "Pour la soupe",
                _line("1 kg d’oignons jaunes, émincés", 1, "kg", "oignons jaunes"),
                _line("50 g de beurre", 50, "g", "beurre"),
                _line("1 c. à s. d’huile", 1, "c. à s.", "huile"),
                _line("½ c. à c. de sucre", 0.5, "c. à c.", "sucre", optional=True),
                _line("1 c. à s. de farine", 1, "c. à s.", "farine"),
                _line("150 ml de vin blanc sec", 150, "ml", "vin blanc sec"),
                _line("1,2 l de bouillon de bœuf, peu salé", 1.2, "l", "bouillon de bœuf"),
                _line("1 feuille de laurier", 1, "feuille", "laurier"),
                _line("2–3 brins de thym", 2, "brins", "thym", quantity_max=3),
                _line("Sel et poivre, selon le goût", food="sel et poivre"),
            ),
            *_in_section(
                "Pour gratiner",
                _line("8 tranches de baguette", 8, "tranches", "baguette"),
                _line("150 g de comté ou de gruyère, râpé", 150, "g", "comté ou gruyère"),
            ),
        ],
        "steps": [
            *_in_section(
                "Pour la soupe",
                {
                    "name": "Fondre les oignons",
                    "minutes": 50,
                    "text": "Chauffer le beurre et l’huile dans une grande cocotte. Y faire "
                    "fondre les oignons à couvert et à feu doux pendant 15 minutes, puis à "
                    "découvert avec le sucre et une pincée de sel, en remuant souvent, jusqu’à ce "
                    "qu’ils soient brun doré et confits.",
                },
                {
                    "name": "Singer et déglacer",
                    "minutes": 5,
                    "text": "Saupoudrer de farine, remuer 2 minutes, verser le vin et gratter les "
                    "sucs du fond. Laisser réduire presque à sec.",
                },
                {
                    "name": "Mijoter",
                    "minutes": 30,
                    "text": "Ajouter le bouillon, le laurier et le thym et laisser frémir à demi "
                    "couvert. Retirer les herbes, saler et poivrer.",
                },
            ),
            *_in_section(
                "Pour gratiner",
                {
                    "name": "Sécher le pain",
                    "minutes": 8,
                    "text": "Pendant ce temps, faire sécher les tranches de baguette au four à "
                    "180 °C (350 °F), jusqu’à ce qu’elles soient croustillantes.",
                },
                {
                    "name": "Gratiner",
                    "minutes": 10,
                    "text": "Verser la soupe très chaude dans quatre bols allant au four, poser "
                    "deux tranches de pain sur chacun et couvrir de fromage. Passer au four à 220 "
                    "°C (425 °F), puis sous le gril, jusqu’à ce que la croûte soit dorée et "
                    "bouillonne. Servir aussitôt : les bols sont brûlants.",
                },
            ),
        ],
        "nutrition": {
            "serving_size": "1 bol",
            "calories": 510,
            "fat_g": 26,
            "saturated_fat_g": 14,
            "unsaturated_fat_g": 10,
            "trans_fat_g": 1,
            "carbohydrate_g": 49,
            "sugar_g": 15,
            "fiber_g": 6,
            "protein_g": 20,
            "sodium_mg": 1100,
            "cholesterol_mg": 65,
        },
        "notes": (
            "La soupe sans le pain se garde **trois jours** au frais. Ne la gratiner qu’au moment "
            "de servir."
        ),
    },
    {
        "label": "Irish soda bread",
        "description": (
            "A round loaf without yeast that is in the oven ten minutes after you thought of it."
        ),
        **_OURS,
        "language": "en",
        "prep_minutes": 10,
        "cook_minutes": 42,
        "total_minutes": 82,
        "servings": 10,
        "yield_text": "1 loaf, 10 slices",
        "tags": [
            "quick",
            {"kind": "cuisine", "name": "Irish"},
            {"kind": "category", "name": "Bread"},
            {"kind": "diet", "name": "Vegetarian"},
            {"kind": "method", "name": "Baking"},
        ],
        "ingredients": [
            _line("3 ½ cups plain flour", 3.5, "cups", "plain flour", note="450 g"),
            _line("1 tsp baking soda", 1, "tsp", "baking soda"),
            _line("1 tsp salt", 1, "tsp", "salt"),
            _line("1 ½–1 ¾ cups buttermilk", 1.5, "cups", "buttermilk", quantity_max=1.75),
            _line("¾ cup currants", 0.75, "cup", "currants", optional=True),
            _line("2 tsp caraway seeds", 2, "tsp", "caraway seeds", optional=True),
        ],
        "steps": [
            "Heat the oven to 220 °C (425 °F) and flour a tray.",
            (
                "Sift the flour, soda and salt into a wide bowl, with the currants and caraway if "
                "you like, and make a well in the middle."
            ),
            (
                "Pour in 1 ½ cups of the buttermilk and stir with one hand in circles until a "
                "soft, shaggy dough just comes together; add the rest only where dry flour "
                "remains. Do not knead it: handling makes it tough."
            ),
            (
                "Tip it onto the tray, pat it into a round 4 cm (1 ½ in) high and cut a deep "
                "cross from edge to edge."
            ),
            {
                "name": "Bake hot",
                "minutes": 15,
                "text": "Bake at once, since the soda is already working, for 15 minutes.",
            },
            {
                "name": "Bake through",
                "minutes": 27,
                "text": "Lower the oven to 200 °C (400 °F) and bake for 25 to 30 minutes more, "
                "until it is brown and sounds hollow when you knock on its bottom.",
            },
            {
                "name": "Cool",
                "minutes": 30,
                "text": "Cool it on a rack, wrapped in a cloth for a soft crust, for half an hour "
                "before cutting it.",
            },
        ],
        "nutrition": {
            "serving_size": "1 slice, without currants",
            "calories": 175,
            "fat_g": 1,
            "saturated_fat_g": 0.3,
            "unsaturated_fat_g": 0.5,
            "carbohydrate_g": 36,
            "sugar_g": 2,
            "fiber_g": 1.3,
            "protein_g": 6,
            "sodium_mg": 400,
            "cholesterol_mg": 2,
        },
        "notes": (
            "No buttermilk? Stir 1 ½ tbsp of lemon juice into 1 ½ cups of milk and wait ten "
            "minutes. Eat it the same day, or toast it the next."
        ),
    },
]
