"""Files of two recipes in many formats; no word of one is in the other."""

from tests.exchange.formats.test_meal_master import CAKES, RICE
from tests.exchange.formats.test_rezkonv import CAKE, TEA

MASTERCOOK = """                     *  Exported from  MasterCook  *

                             Corn Cakes

Recipe By     : Ann Cornwell
Serving Size  : 6     Preparation Time :0:30
Categories    : Breads                           Quick
                Fried

  Amount  Measure       Ingredient -- Preparation Method
--------  ------------  --------------------------------
   1 1/2  cups          cornmeal
   2                    eggs -- beaten until they are pale and have trebled in
                        size
                        pepper

Mix the cornmeal and
the eggs.

Fry until brown.

Source:
  "Corn Book"
                                    - - - - - - - - - - - - - - - - - - -

Per serving: 123 Calories of corn

                     *  Exported from  MasterCook  *

                             Plain Rice

Serving Size  : 4
Categories    : Sides

  Amount  Measure       Ingredient -- Preparation Method
--------  ------------  --------------------------------
  1       cup           rice

Boil the rice.

                   - - - - - - - - - - - - - - - - - -
"""
MX2 = """<?xml version="1.0" standalone="yes" encoding="ISO-8859-1"?>
<!DOCTYPE mx2 SYSTEM "mx2.dtd">
<mx2 source="MasterCook 5.0" date="June 1, 1999">
<Summ><Nam>Corn Cakes</Nam><Nam>Plain Rice</Nam></Summ>
<RcpE name="Corn Cakes" author="Ann Cornwell">
<Serv qty="6"/><PrpT elapsed="0:30"/>
<CatS><CatT>Breads</CatT><CatT>Quick</CatT></CatS>
<IngR name="For the batter" code="S"></IngR>
<IngR name="cornmeal" unit="cups" qty="1 1/2"></IngR>
<IngR name="eggs" qty="2"><IPrp>beaten</IPrp></IngR>
<DirS><DirT>Mix salt &amp; cornmeal.</DirT><DirT>Fry until brown.</DirT></DirS>
<Srce>Corn Book</Srce><Note>Eat corn hot.</Note>
</RcpE>
<RcpE name="Plain Rice" author=""><Serv qty="4"/>
<IngR name="rice" unit="cup" qty="1"></IngR><DirS><DirT>Boil the rice.</DirT></DirS></RcpE>
</mx2>
"""
RECIPEML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE recipeml PUBLIC "-//FormatData//DTD RecipeML 0.5//EN" "http://example.org/recipeml.dtd">
<recipeml version="0.5"><menu>
<recipe><head><title>Corn Cakes</title><categories><cat>Breads</cat><cat>Quick</cat></categories>
<yield><qty>12</qty><unit>cakes</unit></yield>
<preptime type="Cooking"><time><qty>20</qty><timeunit>minutes</timeunit></time></preptime></head>
<ingredients>
<ing-div><title>Batter</title>
<ing><amt><qty>1 &frac12;</qty><unit>cups</unit></amt><item>cornmeal</item></ing>
<ing optional="yes"><amt><qty><range><q1>2</q1><q2>3</q2></range></qty></amt><item>eggs</item>
<prep>beaten</prep></ing></ing-div></ingredients>
<directions><step>Mix the cornmeal.</step><step>Fry until brown.</step></directions></recipe>
<recipe><head><title>Plain Rice</title></head>
<ingredients><ing><amt><qty>1</qty><unit>cup</unit></amt><item>rice</item></ing></ingredients>
<directions>Boil the rice.</directions></recipe></menu></recipeml>
"""
GOURMET = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE gourmetDoc>
<gourmetDoc>
<recipe id="1"><title>Corn Cakes</title><category>Breads</category><cuisine>American</cuisine>
<source>Corn Book</source><link>https://example.org/corn</link><preptime>30 minutes</preptime>
<cooktime>some while</cooktime><yields>12 cakes</yields><rating>4/5 stars of corn</rating>
<ingredient-list><ingredient><amount>1 1/2</amount><unit>cups</unit><item>cornmeal</item>
<key>cornmeal</key></ingredient>
<inggroup><groupname>Sauce</groupname><ingredient optional="yes"><amount>2-3</amount>
<item>tomatoes</item></ingredient></inggroup></ingredient-list>
<instructions>Mix the cornmeal.

Fry until brown.</instructions><modifications>Corn is best hot.</modifications></recipe>
<recipe id="2"><title>Plain Rice</title><ingredient-list><ingredient><amount>1</amount>
<unit>cup</unit><item>rice</item></ingredient></ingredient-list>
<instructions>Boil the rice.</instructions></recipe>
</gourmetDoc>
"""
KRECIPES = """<?xml version="1.0" encoding="UTF-8"?>
<krecipes version="2.0-beta2" lang="en"><krecipes-recipe id="1">
<krecipes-description><title>Corn Cakes</title><author>Ann Cornwell</author>
<category><cat>Breads</cat><cat>Quick</cat></category>
<yield><amount>4</amount><type>servings</type></yield>
<preparation-time>00:30</preparation-time></krecipes-description>
<krecipes-ingredients><ingredient><name>cornmeal</name><amount>1.5</amount><unit>cups</unit>
<prep>sifted</prep></ingredient>
<ingredient-group name="Sauce"><ingredient><name>tomatoes</name>
<amount><min>2</min><max>3</max></amount><unit></unit>
<substitutes><ingredient><name>peppers</name><amount>1</amount></ingredient></substitutes>
</ingredient></ingredient-group></krecipes-ingredients>
<krecipes-instructions>Mix the cornmeal.

Fry until brown.</krecipes-instructions></krecipes-recipe>
<krecipes-recipe><krecipes-description><title>Plain Rice</title></krecipes-description>
<krecipes-ingredients><ingredient><name>rice</name><amount>1</amount><unit>cup</unit></ingredient>
</krecipes-ingredients><krecipes-instructions>Boil the rice.</krecipes-instructions>
</krecipes-recipe></krecipes>
"""
COOKML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cookml SYSTEM "cookml.dtd">
<cookml version="1.0.11"><recipe lang="de" rid="7">
<head title="Apfelkuchen" servingqty="12" servingtype="Stücke" timeallqty="90" wwpoints="5">
<cat>Kuchen</cat><cat>Obst</cat><hint>Warm am besten.</hint><sourceline>Omas Heft</sourceline>
</head><part title="Teig">
<ingredient qty="250" unit="g" item="Mehl"><inote>gesiebt</inote></ingredient>
<ingredient qty="1" item="Ei"></ingredient></part>
<preparation><step>Alles kneten.</step><step>Backen.</step></preparation></recipe>
<recipe lang="de"><head title="Tee" servingqty="2" servingtype="Tassen"/>
<part><ingredient qty="0.5" unit="l" item="Wasser"/></part>
<preparation><text>Kochen.</text></preparation></recipe></cookml>
"""
COOKMATE = """<?xml version="1.0" encoding="UTF-8"?>
<cookbook version="1"><recipe><title>Corn Cakes</title><preptime>30 min</preptime>
<cooktime>1 h</cooktime><category>Breads</category><category>Quick</category>
<quantity>12 cakes</quantity>
<ingredient><li>1 cup cornmeal</li><li>2 eggs</li></ingredient>
<recipetext><li>Mix the cornmeal.</li><li>Fry until brown.</li></recipetext>
<url>https://example.org/corn</url><imagepath>images/corn.jpg</imagepath><lang>en</lang>
<comments>Corn is best hot.</comments><rating>5 of corn</rating></recipe>
<recipe><title>Plain Rice</title><ingredient>1 cup rice
salt</ingredient><recipetext>Boil the rice.</recipetext></recipe></cookbook>
"""
EVERNOTE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE en-export SYSTEM "http://example.org/evernote-export4.dtd">
<en-export export-date="20200101T000000Z" application="Evernote">
<note><title>Corn Cakes</title><content><![CDATA[<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE en-note SYSTEM "http://example.org/enml2.dtd"><en-note><h2>Ingredients</h2>
<ul><li>1 cup cornmeal</li><li>2 eggs</li></ul><h2>Method</h2>
<ol><li>Mix the cornmeal.</li><li>Fry until brown.</li></ol></en-note>]]></content>
<created>20200101T000000Z</created><tag>quick</tag>
<note-attributes><source-url>https://example.org/corn</source-url></note-attributes></note>
<note><title>Plain Rice</title><content><![CDATA[<en-note><div>Ingredients</div>
<div>1 cup rice</div><div>Method</div><div>Boil the rice.</div></en-note>]]></content></note>
</en-export>
"""
YAML = """- name: Corn Cakes
  ingredients:
  - 1 cup cornmeal
  - 2 eggs
  directions:
  - Mix the cornmeal.
  - Fry until brown.
- name: Plain Rice
  ingredients:
  - 1 cup rice
  directions:
  - Boil the rice.
"""
SAFFRON = """Title: Corn Cakes
Description: Golden corn.
Source: Corn Book
Original URL: https://example.org/corn
Yield: 6 servings
Active: 5 min
Total Time: 30 min
Categories: Breads, Quick

Ingredients:
\t1 cup cornmeal
\tFor the top:
\t2 eggs

Instructions:
\tMix the cornmeal.
\tTip: fry until brown.

Title: Plain Rice

Ingredients

1 cup rice

Instructions

Boil the rice.

Notes

Keep the rice cold.
"""
ORG = """#+TITLE: Recipes
* Corn Cakes :breads:quick:
:PROPERTIES:
:source-url: https://example.org/corn
:servings: 6
:END:
** Ingredients
- 1 cup cornmeal
** Directions
1. Mix the cornmeal.
2. Fry until brown.
* Plain Rice
** Ingredients
- 1 cup rice
** Directions
1. Boil the rice.
"""
SAMPLES = {
    "MealMaster": f"{CAKES}\n{RICE}",
    "RezkonvSuite": f"{CAKE}\n{TEA}",
    "MasterCook": MASTERCOOK,
    "MasterCook XML": MX2,
    "RecipeML": RECIPEML,
    "Gourmet": GOURMET,
    "Krecipes": KRECIPES,
    "CookML": COOKML,
    "Cookmate": COOKMATE,
    "Evernote": EVERNOTE,
    "YAML": YAML,
    "Saffron": SAFFRON,
    "Org-mode": ORG,
}
