"""Ingredients from the lines that people write."""

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cooking import units
from app.cooking.ingredients import parse, parse_lines
from app.cooking.quantities import MAX_QUANTITY
from app.ops.first_data import RECIPES
from tests.costs import calls_of

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# A line, and what it says: quantity, unit, food, note; nothing is written as "-".
LINES = """
# English
2 cups flour                              | 2     | cup    | flour                  | -
2 cups of flour                           | 2     | cup    | flour                  | -
1 cup all-purpose flour, sifted           | 1     | cup    | all-purpose flour      | sifted
1 ½ cups milk                             | 1.5   | cup    | milk                   | -
1½ cups milk                              | 1.5   | cup    | milk                   | -
1 1/2 cups milk                           | 1.5   | cup    | milk                   | -
1-1/2 cups milk                           | 1.5   | cup    | milk                   | -
1 and 1/2 cups milk                       | 1.5   | cup    | milk                   | -
one and a half cups milk                  | 1.5   | cup    | milk                   | -
½ cup sugar                               | 0.5   | cup    | sugar                  | -
1⁄4 cup sugar                             | 0.25  | cup    | sugar                  | -
.5 cup sugar                              | 0.5   | cup    | sugar                  | -
1c sugar                                  | 1     | cup    | sugar                  | -
200g flour                                | 200   | g      | flour                  | -
200 g flour                               | 200   | g      | flour                  | -
200 G flour                               | 200   | g      | flour                  | -
200 grams flour                           | 200   | g      | flour                  | -
1.5kg potatoes                            | 1.5   | kg     | potatoes               | -
1,000 g flour                             | 1000  | g      | flour                  | -
250ml milk                                | 250   | ml     | milk                   | -
250 mL milk                               | 250   | ml     | milk                   | -
1 litre stock                             | 1     | l      | stock                  | -
2 l water                                 | 2     | l      | water                  | -
8 oz cream cheese                         | 8     | oz     | cream cheese           | -
8 oz. cream cheese                        | 8     | oz     | cream cheese           | -
8 fl oz cream                             | 8     | fl oz  | cream                  | -
8 fl. oz. cream                           | 8     | fl oz  | cream                  | -
1 1/2 lbs. ground beef                    | 1.5   | lb     | ground beef            | -
1 lb 4 oz ground beef                     | 1.25  | lb     | ground beef            | -
1 pint double cream                       | 1     | pint   | double cream           | -
2 tbsp olive oil                          | 2     | tbsp   | olive oil              | -
2 Tablespoons olive oil                   | 2     | tbsp   | olive oil              | -
2 T olive oil                             | 2     | tbsp   | olive oil              | -
2 t olive oil                             | 2     | tsp    | olive oil              | -
1 T. olive oil                            | 1     | tbsp   | olive oil              | -
1 tsp. salt                               | 1     | tsp    | salt                   | -
1 heaping tablespoon sugar                | 1     | tbsp   | sugar                  | heaping
2 level tsp baking powder                 | 2     | tsp    | baking powder          | level
2-3 cloves garlic                         | 2-3   | clove  | garlic                 | -
2–3 cloves garlic, crushed                | 2-3   | clove  | garlic                 | crushed
2 to 3 cloves of garlic                   | 2-3   | clove  | garlic                 | -
two or three cloves garlic                | 2-3   | clove  | garlic                 | -
1½–2 cups stock                           | 1.5-2 | cup    | stock                  | -
1/2-1 tsp chilli                          | 0.5-1 | tsp    | chilli                 | -
100 g – 150 g sugar                       | 100-150 | g    | sugar                  | -
2 large cloves garlic                     | 2     | clove  | garlic                 | large
1 small bunch dill, chopped               | 1     | bunch  | dill                   | small, chopped
2 large eggs, beaten                      | 2     | -      | large eggs             | beaten
3 eggs                                    | 3     | -      | eggs                   | -
one onion                                 | 1     | -      | onion                  | -
half an onion                             | 0.5   | -      | onion                  | -
1 onion (red, big), cut (thin)            | 1     | -      | onion  | red, big, cut (thin)
a pinch of salt                           | 1     | pinch  | salt                   | -
A handful of coriander or parsley         | 1     | handful | coriander or parsley  | -
a dozen eggs                              | 1     | dozen  | eggs                   | -
1 dozen eggs                              | 1     | dozen  | eggs                   | -
an ounce of gin                           | 1     | oz     | gin                    | -
a 400g can of tomatoes                    | 1     | can    | tomatoes               | 400g
a little salt                             | -     | -      | salt                   | a little
a few sprigs thyme                        | -     | sprig  | thyme                  | a few
2 sprigs thyme                            | 2     | sprig  | thyme                  | -
10 basil leaves                           | 10    | -      | basil leaves           | -
5 cloves                                  | 5     | -      | cloves                 | -
3 cloves, ground                          | 3     | -      | cloves                 | ground
1 stick cinnamon                          | 1     | stick  | cinnamon               | -
4 slices of bread                         | 4     | slice  | bread                  | -
2 (14 oz) cans tomatoes, drained          | 2     | can    | tomatoes               | 14 oz, drained
2 (14-ounce) cans tomatoes                | 2     | can    | tomatoes               | 14-ounce
1 can (14 oz) of tomatoes                 | 1     | can    | tomatoes               | 14 oz
1 14-oz can beans                         | 1     | can    | beans                  | 14-oz
1 400g can beans                          | 1     | can    | beans                  | 400g
1 x 400g can beans                        | 1     | can    | beans                  | 400g
2 × 400 g tins chopped tomatoes           | 2     | can    | chopped tomatoes       | 400 g
2x400g tins chopped tomatoes              | 2     | can    | chopped tomatoes       | 400g
2 x eggs                                  | 2     | -      | eggs                   | -
4 4-oz salmon fillets                     | 4     | -      | salmon fillets         | 4-oz
1 (2 1/4 teaspoon) package yeast          | 1     | package | yeast                 | 2 1/4 teaspoon
1 (8-10 oz) package tofu                  | 1     | package | tofu                  | 8-10 oz
1 kg/2 lb flour                           | 1     | kg     | flour                  | 2 lb
225 g / 8 oz butter                       | 225   | g      | butter                 | 8 oz
1 cup (240 ml) milk                       | 1     | cup    | milk                   | 240 ml
8 tablespoons (1 stick) butter            | 8     | tbsp   | butter                 | 1 stick
1 pound (about 3 cups) apples             | 1     | lb     | apples                 | about 3 cups
1 cup (240 ml) of milk                    | 1     | cup    | milk                   | 240 ml
1 cup flour (120 g), sifted               | 1     | cup    | flour                  | 120 g, sifted
1 cup plus 2 tbsp sugar                   | 1     | cup    | sugar                  | plus 2 tbsp
1 cup + 2 tbsp sugar                      | 1     | cup    | sugar                  | + 2 tbsp
1 cup sugar + 2 tbsp                      | 1     | cup    | sugar                  | + 2 tbsp
about 2 cups rice                         | 2     | cup    | rice                   | -
approx. 200 g rice                        | 200   | g      | rice                   | -
~ 200 g rice                              | 200   | g      | rice                   | -
- 2 eggs                                  | 2     | -      | eggs                   | -
• ½ cup milk                              | 0.5   | cup    | milk                   | -
[ ] 2 eggs                                | 2     | -      | eggs                   | -
juice of 1 lemon                          | 1     | -      | lemon                  | juice
Zest and juice of ½ orange                | 0.5   | -      | orange                 | Zest and juice
juice of lemons                           | -     | -      | juice of lemons        | -
salt and pepper to taste                  | -     | -      | salt and pepper        | to taste
Salt, to taste                            | -     | -      | Salt                   | to taste
1 tsp salt to taste                       | 1     | tsp    | salt                   | to taste
lemon wedges for serving                  | -     | -      | lemon wedges           | for serving
flour for dusting                         | -     | -      | flour                  | for dusting
butter, for the pan                       | -     | -      | butter                 | for the pan
2 cups flour plus more to dust            | 2     | cup    | flour  | plus more to dust
oil as needed                             | -     | -      | oil                    | as needed
2 boneless, skinless breasts, diced       | 2     | -      | boneless, skinless breasts | diced
7up                                       | -     | -      | 7up                    | -
00 flour                                  | -     | -      | 00 flour               | -
500 g 00 flour                            | 500   | g      | 00 flour               | -
80% chocolate                             | -     | -      | 80% chocolate          | -
100 g 80% chocolate                       | 100   | g      | 80% chocolate          | -
1 cup 2% milk                             | 1     | cup    | 2% milk                | -
5-spice powder                            | -     | -      | 5-spice powder         | -
five spice powder                         | -     | -      | five spice powder      | -
half and half                             | -     | -      | half and half          | -
2-inch piece ginger                       | 1     | piece  | ginger                 | 2-inch
1 2-inch piece ginger                     | 1     | piece  | ginger                 | 2-inch
2 T-bone steaks                           | 2     | -      | T-bone steaks          | -
1. Flour                                  | -     | -      | 1. Flour               | -
No. 10 can                                | -     | -      | No. 10 can             | -
three-quarters cup sugar                  | -     | -      | three-quarters cup sugar | -
water                                     | -     | -      | water                  | -
1-2 tbsp                                  | 1-2   | tbsp   | -                      | -
２００ｇ flour                            | 200   | g      | flour                  | -

# Preparation and size are notes
2 large onions, chopped                   | 2     | -      | onions                 | large, chopped
2 md. onions                              | 2     | -      | onions                 | md.
2 medium or 1 large onion                 | 2     | -      | onion       | medium or 1 large
1 cup sugar divided                       | 1     | cup    | sugar                  | divided
few drops of hot sauce                    | -     | drop   | hot sauce              | few
drop scones                               | -     | -      | drop scones            | -
six large eggs                            | 6     | -      | large eggs             | -
2 large egg yolks                         | 2     | -      | egg yolks              | large
1 cup chopped fresh cilantro              | 1     | cup    | fresh cilantro         | chopped
1 cup fresh chopped cilantro              | 1     | cup    | fresh cilantro         | chopped
1 tsp freshly ground black pepper         | 1     | tsp    | black pepper           | freshly ground
1 tsp ground black pepper                 | 1     | tsp    | ground black pepper    | -
500 g minced lamb                         | 500   | g      | minced lamb            | -
1 can crushed pineapple                   | 1     | can    | crushed pineapple      | -
1 cup peeled, sliced shallots             | 1     | cup    | shallots               | peeled, sliced
1 cup firmly packed brown sugar           | 1     | cup    | brown sugar            | firmly packed
1 tsp each cumin and coriander            | 1     | tsp    | cumin and coriander    | each
1 lb shrimp peeled and deveined | 1 | lb | shrimp | peeled and deveined
2 carrots cut into sticks | 2 | - | carrots | cut into sticks
½ lb long pasta such as linguine | 0.5 | lb | long pasta | such as linguine
1 tbsp vinegar preferably cider | 1 | tbsp | vinegar | preferably cider
¼ cup vinegar or to taste                 | 0.25  | cup    | vinegar                | or to taste
3 tbsp brandy, sherry, or rum             | 3     | tbsp   | brandy, sherry, or rum | -
3 tbsp brandy, sherry, or rum, warmed     | 3     | tbsp   | brandy, sherry, or rum | warmed
3 tbsp oil, olive or sunflower | 3 | tbsp | oil | olive or sunflower
2 apples, peeled, cored, and diced | 2 | - | apples | peeled, cored, and diced
4 chicken breasts 750g                    | 4     | -      | chicken breasts        | 750g
Garnish: parsley sprigs                   | -     | -      | parsley sprigs         | Garnish

# Units without a number, behind the food, and described
pinch sea salt                            | -     | pinch  | sea salt               | -
splash of sherry                          | -     | splash | sherry                 | -
small bunch sage, bruised                 | -     | bunch  | sage                   | small, bruised
Bund Petersilie                           | -     | bunch  | Petersilie             | -
bouquet garni                             | -     | -      | bouquet garni          | -
1 bouquet garni                           | 1     | -      | bouquet garni          | -
some salt                                 | -     | -      | salt                   | some
etwas Salz                                | -     | -      | Salz                   | etwas
6 garlic cloves, sliced                   | 6     | clove  | garlic                 | sliced
3 large celery sticks                     | 3     | stick  | celery                 | large
1 mint sprig                              | 1     | sprig  | mint                   | -
6 whole cloves                            | 6     | -      | whole cloves           | -
4 fish sticks                             | 4     | -      | fish sticks            | -
2 cloves, minced garlic                   | 2     | clove  | garlic                 | minced
1 plump, fresh clove garlic               | 1     | clove  | garlic                 | plump, fresh
2 md cloves garlic                        | 2     | clove  | garlic                 | md
8 thin slices bread                       | 8     | slice  | bread                  | thin
12 spears asparagus                       | 12    | spear  | asparagus              | -
1 recipe pie dough                        | 1     | recipe | pie dough              | -
1/3 of a bunch of radishes                | 0.3333333333333333 | bunch | radishes   | -
Up to 1 tablespoon garlic                 | 1     | tbsp   | garlic                 | -
1 can(s) tomatoes                         | 1     | can    | tomatoes               | -
2 cups sugar ((400g))                     | 2     | cup    | sugar                  | 400g
▢ 1 cup warm water                        | 1     | cup    | warm water             | -
☐ 2 eggs                                  | 2     | -      | eggs                   | -

# Sizes without a number
1 x 400g/14oz can chopped tomatoes        | 1     | can    | chopped tomatoes       | 400g/14oz
2 x 400g/14oz cans beans                  | 2     | can    | beans                  | 400g/14oz
5cm/2in piece ginger, peeled | 1 | piece | ginger | 5cm/2in, peeled
15-ounce can chickpeas, drained | 1 | can | chickpeas | 15-ounce, drained
8 oz. pkg cream cheese                    | 1     | package | cream cheese          | 8 oz.
400g/14oz tin lentils                     | 1     | can    | lentils                | 400g/14oz
8" flour tortillas                        | -     | -      | flour tortillas        | 8"
1" piece ginger                           | 1     | piece  | ginger                 | 1"
2 9" pie crusts                           | 2     | -      | pie crusts             | 9"
Four 1-ounce squares chocolate            | 4     | square | chocolate              | 1-ounce

# Sums, and parts of fruits
1 Tablespoon, 1 teaspoon cumin            | 1     | tbsp   | cumin                  | 1 teaspoon
1 cup minus 2 tablespoons flour           | 1     | cup    | flour       | minus 2 tablespoons
500g/1lb 2oz minced beef                  | 500   | g      | minced beef            | 1lb 2oz
Finely grated zest and juice of 1 lemon   | 1   | -    | lemon | Finely grated zest and juice
juice and pulp from 1 lime                | 1     | -      | lime                   | juice and pulp
juice 1 lemon                             | 1     | -      | lemon                  | juice
the juice of a lemon                      | 1     | -      | lemon                  | juice
le jus d'un citron                        | 1     | -      | citron                 | jus
la scorza grattugiata di 1 limone         | 1     | -      | limone       | scorza grattugiata

# German
1 kl. Zwiebel(n)                          | 1     | -      | Zwiebel(n)             | kl.
400 g Karotte(n), gewürfelt               | 400   | g      | Karotte(n)             | gewürfelt
1 KL Zucker                               | 1     | tsp    | Zucker                 | -
1.500 g Mehl                              | 1500  | g      | Mehl                   | -
1.250 ml Wasser                           | 1250  | ml     | Wasser                 | -
1.5 g Hefe                                | 1.5   | g      | Hefe                   | -
1.500 kg Mehl                             | 1.5   | kg     | Mehl                   | -
2 EL gehackte Petersilie                  | 2     | tbsp   | Petersilie             | gehackte
2 große Zwiebeln                          | 2     | -      | Zwiebeln               | große
500 g Mehl                                | 500   | g      | Mehl                   | -
1,5 l Wasser                              | 1.5   | l      | Wasser                 | -
0,125 l Sahne                             | 0.125 | l      | Sahne                  | -
2 EL Öl                                   | 2     | tbsp   | Öl                     | -
2 Esslöffel Öl                            | 2     | tbsp   | Öl                     | -
1 TL Salz                                 | 1     | tsp    | Salz                   | -
1 gestr. TL Backpulver                    | 1     | tsp    | Backpulver             | gestr.
1 gehäufter EL Zucker                     | 1     | tbsp   | Zucker                 | gehäufter
1 Prise Salz                              | 1     | pinch  | Salz                   | -
eine Prise Salz                           | 1     | pinch  | Salz                   | -
1 Msp. Zimt                               | 1     | knife tip | Zimt                | -
1 Pck. Vanillezucker                      | 1     | package | Vanillezucker         | -
1 Päckchen Backpulver                     | 1     | package | Backpulver            | -
½ Bund Schnittlauch, fein                 | 0.5   | bunch  | Schnittlauch           | fein
1 großer Bund Petersilie                  | 1     | bunch  | Petersilie             | großer
2 bis 3 Zehen Knoblauch                   | 2-3   | clove  | Knoblauch              | -
2 Knoblauchzehen                          | 2     | -      | Knoblauchzehen         | -
1 Dose Tomaten (400 g)                    | 1     | can    | Tomaten                | 400 g
2 Dosen (à 400 g) Tomaten                 | 2     | can    | Tomaten                | à 400 g
1 Becher Schmand                          | 1     | tub    | Schmand                | -
4 Scheiben Brot                           | 4     | slice  | Brot                   | -
3 Stück Würfelzucker                      | 3     | piece  | Würfelzucker           | -
2 Pfund Kartoffeln                        | 2     | metric pound | Kartoffeln       | -
eine halbe Zwiebel                        | 0.5   | -      | Zwiebel                | -
zwei Eier                                 | 2     | -      | Eier                   | -
ca. 200 g Reis                            | 200   | g      | Reis                   | -
etwa 2 Tassen Reis                        | 2     | cup    | Reis                   | -
Saft von 1 Zitrone                        | 1     | -      | Zitrone                | Saft
Salz und Pfeffer nach Geschmack           | -     | -      | Salz und Pfeffer       | nach Geschmack
Mehl zum Bestäuben                        | -     | -      | Mehl                   | zum Bestäuben
Butter für die Form                       | -     | -      | Butter                 | für die Form
ein wenig Salz                            | -     | -      | Salz                   | ein wenig

# French
500 g de farine                           | 500   | g      | farine                 | -
1 kg d’oignons jaunes, émincés            | 1     | kg     | oignons jaunes         | émincés
1,2 l de bouillon                         | 1.2   | l      | bouillon               | -
2 c. à soupe d’huile d’olive              | 2     | tbsp   | huile d’olive          | -
1 c. à s. de farine                       | 1     | tbsp   | farine                 | -
½ c. à c. de sucre                        | 0.5   | tsp    | sucre                  | -
2 c.à.s. de farine                        | 2     | tbsp   | farine                 | -
1 cuillère à café de sel                  | 1     | tsp    | sel                    | -
2 cuilleres à soupe de sucre              | 2     | tbsp   | sucre                  | -
2 gousses d'ail                           | 2     | clove  | ail                    | -
2 à 3 brins de thym                       | 2-3   | sprig  | thym                   | -
1 pincée de sel                           | 1     | pinch  | sel                    | -
une pincée de sel                         | 1     | pinch  | sel                    | -
un bouquet de persil                      | 1     | bunch  | persil                 | -
1 sachet de levure                        | 1     | sachet | levure                 | -
1 boîte de tomates (400 g)                | 1     | can    | tomates                | 400 g
8 tranches de baguette                    | 8     | slice  | baguette               | -
2 œufs                                    | 2     | -      | œufs                   | -
un demi citron                            | 0.5   | -      | citron                 | -
le jus d’un citron                        | 1     | -      | citron                 | jus
jus de 2 citrons                          | 2     | -      | citrons                | jus
environ 200 g de riz                      | 200   | g      | riz                    | -
Sel et poivre, selon le goût              | -     | -      | Sel et poivre          | selon le goût
un peu de sel                             | -     | -      | sel                    | un peu

# Spanish
200 g de harina                           | 200   | g      | harina                 | -
2 cucharadas de aceite                    | 2     | tbsp   | aceite                 | -
1 cdta. de sal                            | 1     | tsp    | sal                    | -
1 y ½ tazas de leche                      | 1.5   | cup    | leche                  | -
2 a 3 dientes de ajo                      | 2-3   | clove  | ajo                    | -
una pizca de sal                          | 1     | pinch  | sal                    | -
media cebolla                             | 0.5   | -      | cebolla                | -
1 lata de atún                            | 1     | can    | atún                   | -
1 manojo de perejil                       | 1     | bunch  | perejil                | -
2 rebanadas de pan                        | 2     | slice  | pan                    | -
unos 200 g de arroz                       | 200   | g      | arroz                  | -
zumo de 1 limón                           | 1     | -      | limón                  | zumo
sal al gusto                              | -     | -      | sal                    | al gusto
perejil para decorar                      | -     | -      | perejil                | para decorar

# Italian
300 g di farina                           | 300   | g      | farina                 | -
2 cucchiai d'olio                         | 2     | tbsp   | olio                   | -
1 cucchiaino di sale                      | 1     | tsp    | sale                   | -
2 o 3 spicchi d’aglio                     | 2-3   | clove  | aglio                  | -
1 mazzetto di basilico                    | 1     | bunch  | basilico               | -
un pizzico di sale                        | 1     | pinch  | sale                   | -
2 etti di prosciutto                      | 2     | hg     | prosciutto             | -
1 bicchiere di vino                       | 1     | glass  | vino                   | -
1 bustina di lievito                      | 1     | sachet | lievito                | -
mezza cipolla                             | 0.5   | -      | cipolla                | -
4 fette di pane                           | 4     | slice  | pane                   | -
2 uova medie                              | 2     | -      | uova                   | medie
2 tranches fines de jambon                | 2     | slice  | jambon                 | fines
1 diente de ajo picado                    | 1     | clove  | ajo                    | picado
500 g de carne picada                     | 500   | g      | carne picada           | -
2 cditas. de comino                       | 2     | tsp    | comino                 | -
succo di 1 limone                         | 1     | -      | limone                 | succo
sale q.b.                                 | -     | -      | sale                   | q.b.
olio, quanto basta                        | -     | -      | olio                   | quanto basta

# Portuguese
2 colheres (sopa) de azeite               | 2     | tbsp   | azeite                 | -
2 colheres de sopa de azeite              | 2     | tbsp   | azeite                 | -
1 xícara (chá) de açúcar                  | 1     | cup    | açúcar                 | -
2 dentes de alho picados                  | 2     | clove  | alho                   | picados
2 cebolas médias                          | 2     | -      | cebolas                | médias

# Dutch
2 eetlepels olie                          | 2     | tbsp   | olie                   | -
1 teentje knoflook                        | 1     | clove  | knoflook               | -
2 pak choi                                | 2     | -      | pak choi               | -

# Swedish, Danish, Norwegian
2 msk smör                                | 2     | tbsp   | smör                   | -
1-2 tsk salt                              | 1-2   | tsp    | salt                   | -
2 spsk olie                               | 2     | tbsp   | olie                   | -
2 fed hvidløg                             | 2     | clove  | hvidløg                | -
1 ss olje                                 | 1     | tbsp   | olje                   | -
2 båter hvitløk                           | 2     | clove  | hvitløk                | -

# Polish, Czech, Slovak
2 łyżki oleju                             | 2     | tbsp   | oleju                  | -
1 łyżeczka soli                           | 1     | tsp    | soli                   | -
2 ząbki czosnku                           | 2     | clove  | czosnku                | -
3 lžíce oleje                             | 3     | tbsp   | oleje                  | -
1 lžička soli                             | 1     | tsp    | soli                   | -
2 PL oleja                                | 2     | tbsp   | oleja                  | -
1 ČL soli                                 | 1     | tsp    | soli                   | -
2 cl rumu                                 | 2     | cl     | rumu                   | -
Kryštálový cukor: 1 PL                    | 1     | tbsp   | Kryštálový cukor       | -

# Russian
2 ст. л. масла                            | 2     | tbsp   | масла                  | -
1 ч. л. соли                              | 1     | tsp    | соли                   | -
200 г муки                                | 200   | g      | муки                   | -

# Japanese
大さじ2 しょうゆ                          | 2     | tbsp   | しょうゆ               | -
しょうゆ 大さじ1と1/2                     | 1.5   | tbsp   | しょうゆ               | -
砂糖 100g                                 | 100   | g      | 砂糖                   | -
卵 2個                                    | 2     | piece  | 卵                     | -
"""


def _members(quantity: str) -> tuple[float | None, float | None]:
    low, _, high = quantity.partition("-")
    return (float(low) if low else None), (float(high) if high else None)


CASES = [
    [cell.strip() for cell in row.split(" | ")]
    for row in LINES.splitlines()
    if row and not row.startswith("#")
]


@pytest.mark.parametrize(
    ("line", "quantity", "unit", "food", "note"), CASES, ids=[case[0] for case in CASES]
)
def test_a_line_is_parsed(line: str, quantity: str, unit: str, food: str, note: str) -> None:
    low, high = _members(quantity)
    assert parse(line) == {
        "text": line,
        "section": None,
        "quantity": low,
        "quantity_max": high,
        "unit": None if unit == "-" else unit,
        "food": None if food == "-" else food,
        "note": None if note == "-" else note,
        "optional": False,
    }


@pytest.mark.parametrize(
    ("line", "food", "note"),
    [
        ("2 eggs (optional)", "eggs", None),
        ("2 eggs, optional", "eggs", None),
        ("2 eggs optional", "eggs", None),
        ("Optional: 2 eggs", "eggs", None),
        ("(optional) 2 eggs", "eggs", None),
        ("2 (optional) eggs", "eggs", None),
        ("2 eggs, beaten, optional", "eggs", "beaten"),
        ("2 eggs, beaten (optional)", "eggs", "beaten"),
        ("2 eggs (optional, for brushing)", "eggs", "for brushing"),
        ("2 eggs, if desired", "eggs", None),
        ("2 œufs (facultatif)", "œufs", None),
        ("2 huevos (opcional)", "huevos", None),
        ("2 uova (facoltative)", "uova", None),
    ],
)
def test_an_ingredient_may_be_optional(line: str, food: str, note: str | None) -> None:
    ingredient = parse(line)
    assert ingredient["optional"] is True
    assert (ingredient["quantity"], ingredient["food"], ingredient["note"]) == (2, food, note)


def test_a_partly_optional_ingredient_is_required() -> None:
    assert parse("1 lemon, zest optional")["optional"] is False


def test_whole_numbers_are_integers() -> None:
    assert repr(parse("2.0 cups flour")["quantity"]) == "2"
    assert repr(parse("1/3-1 cup flour")["quantity"]) == repr(1 / 3)


def test_the_first_recipes_are_parsed() -> None:
    """What was written by hand, beside what is read; only articles are counted by neither."""
    ingredients = [
        ingredient
        for recipe in RECIPES
        for ingredient in recipe.get("ingredients", [])
        if isinstance(ingredient, dict) and not ingredient["text"].startswith("A ")
    ]
    for ingredient in ingredients:
        parsed = parse(ingredient["text"])
        for member in ("quantity", "quantity_max"):
            assert parsed[member] == ingredient.get(member), ingredient["text"]
        assert (parsed["unit"] is None) == ("unit" not in ingredient), ingredient["text"]
    assert len(ingredients) > 100


# --- Any text ------------------------------------------------------------------------------------


def _check(ingredient: dict[str, Any]) -> None:
    for member, limit in (("unit", 100), ("food", 256), ("note", 1000), ("section", 256)):
        value = ingredient[member]
        assert value is None or 0 < len(value) <= limit
        assert value is None or value == value.strip() == unicodedata.normalize("NFC", value)
    low, high = ingredient["quantity"], ingredient["quantity_max"]
    assert low is None or 0 <= low <= MAX_QUANTITY
    assert high is None or low <= high <= MAX_QUANTITY


@at_leisure
@given(st.text() | st.text(alphabet="0123456789½⅓/-–,.()[]:# gcupTblsxaofto’", max_size=60))
def test_any_text_is_kept(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    ingredient = parse(text)
    assert ingredient["text"] == text
    _check(ingredient)
    for ingredient in parse_lines(text.splitlines()):
        _check(ingredient)


PIECES = [
    *("1", "1/", "1,000", "½", "1 1/2 ", "1-", "1 g/", "1 2g ", "1 cup + ", "1 lb 1 oz ", "x1g "),
    *(
        "(",
        ")",
        "(a",
        "(a)",
        "(1 g/",
        ",",
        "a,",
        ", optional",
        "fresh, ",
        " ",
        "\n",
        "a",
        "a. ",
        ":",
    ),
    *("one and ", "half a ", "small ", "c. à ", "about ", "juice of ", "for the ", "zum ", "to "),
    *("- ", "[ ]", "#", "~", "é", "\u3000", "q. b"),
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_line_takes_linear_time(piece: str) -> None:
    """Were it to grow with its square, this would go on for minutes."""
    for opening in ("", "1 cup (", "flour, "):
        text = (opening + piece * 100_000)[:100_000]
        ingredient = parse_lines([text, "1 egg"])[0]
        assert ingredient["text"] in (text, "1 egg")
        _check(ingredient)


@pytest.mark.parametrize("piece", [*PIECES, "1 - ", "1 g ", "a 1/3 ", "(1 g ", "1.2345678 "])
def test_any_line_is_cheap(piece: str) -> None:
    for opening in ("", "a "):
        line = (opening + piece * 1000)[:1000]
        assert calls_of(parse, line) < 3000  # An ordinary one makes some 100.


def test_parts_that_are_too_long_are_left_out() -> None:
    for line in (f"1 cup {'a' * 257}", f"1 cup a, {'b' * 1001}", "9" * 1000, "1000000001 g salt"):
        ingredient = parse(line)
        assert ingredient["text"] == line
        _check(ingredient)
    assert parse(f"1 cup {'a' * 256}")["food"] == "a" * 256
    assert parse("1000000000 g salt")["quantity"] == MAX_QUANTITY
    assert parse("1000000001 g salt")["quantity"] is None


# --- Lines ---------------------------------------------------------------------------------------


def _sections(lines: list[str]) -> list[tuple[str | None, str]]:
    return [(each["section"], each["text"]) for each in parse_lines(lines)]


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("For the sauce:", "For the sauce"),
        ("Sauce :", "Sauce"),
        ("Für den Teig：", "Für den Teig"),
        ("# Sauce", "Sauce"),
        ("## Sauce:", "Sauce"),
        ("[Sauce]", "Sauce"),
        ("  [ The sauce ]  ", "The sauce"),
    ],
)
def test_a_heading_names_the_section_of_what_follows(heading: str, section: str) -> None:
    assert _sections(["1 egg", heading, "", "2 eggs", "  ", "3 eggs"]) == [
        (None, "1 egg"),
        (section, "2 eggs"),
        (section, "3 eggs"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2 eggs:",
        "#10 can tomatoes",
        "[]",
        "#",
        ":",
        "Note: salt",
        f"{'a' * 257}:",
        "sauce",
        "[a] b",
    ],
)
def test_other_lines_are_not_headings(line: str) -> None:
    assert _sections([line, "1 egg"]) == [(None, line), (None, "1 egg")]


def test_a_heading_without_ingredients_is_not_lost() -> None:
    assert _sections(["Cake:", "# Filling", "1 egg", "Topping:"]) == [
        (None, "Cake:"),
        ("Filling", "1 egg"),
        (None, "Topping:"),
    ]
    assert _sections([]) == []


# --- Units ---------------------------------------------------------------------------------------


def test_each_name_means_one_unit() -> None:
    for table in (units._MEASURES, units._COUNTS):
        for name, aliases in table.items():
            for alias in [name, *aliases.split(", ")]:
                found = units.find(f"2 {alias.upper()}. x", 2)
                assert found is not None, alias
                assert found[0].name == name
                assert found[1] == len(f"2 {alias.upper()}.")
