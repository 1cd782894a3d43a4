import sys
from concurrent.futures import ThreadPoolExecutor

from app.search import words


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
