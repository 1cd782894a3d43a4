"""The promised figures, and the table of the results of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One ratio, its bound and its aim."""

    name: str
    must: float
    aim: float

    def reached(self, value: float, bound: float) -> bool:
        """Return whether the value meets the bound. If the aim is above `must`, more is better."""
        return value >= bound if self.aim > self.must else value <= bound


GET_CONSTANT = Figure("GET one recipe / FastAPI constant bytes", 0.60, 1.0)
GET_PLAIN = Figure("GET one recipe / plain stack", 3.5, 6)
LIST_PLAIN = Figure("list of 20 / plain stack", 3, 5)
HOME_PLAIN = Figure("home page / plain stack", 2.2, 4)
POST_PLAIN = Figure("POST one recipe / plain stack", 1.0, 1.8)
TAIL = Figure("GET one recipe, p99 / p50", 2, 1.4)
MEMORY = Figure("memory / empty FastAPI app", 2.2, 1.8)
START = Figure("start to first answer / empty FastAPI app", 2.5, 1.9)
IMPORT = Figure("bulk import / sqlite3.executemany of the same rows", 0.25, 0.4)
REFUSALS = Figure("refused log-ins, slowest median / quickest", 1.1, 1.05)
READS_BESIDE = Figure("GET one recipe, p99 beside log-ins / without", 5, 3)


@dataclass(frozen=True)
class Result:
    """The values of one figure in the rounds of a run."""

    figure: Figure
    rounds: Sequence[float]

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def missed(self) -> bool:
        """Whether the value is worse than `must`."""
        return not self.figure.reached(self.value, self.figure.must)

    @property
    def verdict(self) -> str:
        """The value in words: below, ok, or ok and aim reached."""
        if self.missed:
            return "below"
        return "ok, aim" if self.figure.reached(self.value, self.figure.aim) else "ok"


def table(results: Sequence[Result]) -> str:
    """Return the results as an aligned Markdown table."""
    rows = [("figure", "value", "rounds", "must", "aim", "")]
    for result in results:
        figure = result.figure
        sign = "≥" if figure.aim > figure.must else "≤"
        rows.append(
            (
                figure.name,
                f"{result.value:.2f}",
                f"{min(result.rounds):.2f}-{max(result.rounds):.2f}",
                f"{sign} {figure.must:g}",
                f"{sign} {figure.aim:g}",
                result.verdict,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
