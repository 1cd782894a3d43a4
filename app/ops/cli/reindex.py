"""`recipes reindex`: rebuild the search index."""

import typer

from app.core.config import get_settings
from app.ops.cli.database import open_database
from app.ops.reindex import reindex as write_index
from app.search import index as search_index


def reindex() -> None:
    """Rebuild the search index, while the server runs."""
    with open_database(get_settings()) as transactions:
        length = transactions.run_now(search_index.count)
        done = 0
        with typer.progressbar(length=length, label="Indexing") as bar:
            for some in write_index(transactions):
                done += some
                bar.update(some)
    typer.echo(f"Wrote the search index of {done} recipes.")
