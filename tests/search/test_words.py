import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.search import synonyms, words
from app.search.common_words import common_words


def test_threads_find_the_same_stems() -> None:
    """A stemmer works on state of its own, so two threads never use the same."""
    texts = [f"{a}{b}{c}ations" for a in "bcdf" for b in "aeiou" for c in "lmnrst"] * 3
    stem = words.stem.__wrapped__
    expected = [stem(text, "en") for text in texts]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: [stem(text, "en") for text in texts], range(8)))
    finally:
        sys.setswitchinterval(interval)
    assert found == [expected] * 8


def test_each_line_of_our_synonyms_can_be_found() -> None:
    file = Path(synonyms.__file__).with_name(synonyms.FILE)
    lines = [line for line in file.read_text().splitlines() if line and line[0] != "#"]
    assert lines
    ours = synonyms.built_in()
    for line in lines:
        language, names = line.split(": ")
        assert words.language_of(language) == language
        for name in names.split(", "):
            found = tuple(words.words_of(name))
            assert len(found) <= synonyms.MAX_WORDS
            others = {tuple(words.words_of(other)) for other in names.split(", ")} - {found}
            assert others <= {*(ours.of(found, [language]) or ())}
            assert ours.of(found, [language]) is not None


def test_common_words_are_words_of_a_language_and_name_no_food() -> None:
    everything = common_words(("de", "en", "fr", "it", "nb", "nl", "sv"))
    assert {"à", "a", "für", "fur", "of", "och"} <= everything
    # Dal is a dish, ei an egg in German and thé tea; the others deny.
    assert everything.isdisjoint({"dal", "ei", "thé", "ohne", "without", "sans", "senza", "no"})
    assert common_words(("de",)).isdisjoint({"of", "le"})
