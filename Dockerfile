# Install the dependencies. The cache of pip stays out of the image.
FROM python:3.13-slim AS build
WORKDIR /srv/recipes
COPY pyproject.toml requirements.txt ./
COPY scripts/setup scripts/
# The part of the application that its installation looks for; the rest changes more often.
COPY app/__init__.py app/
RUN scripts/setup --only main

FROM python:3.13-slim
# The same folder as above: the scripts in .venv/bin name it.
WORKDIR /srv/recipes
# pg_dump, pg_restore and psql, for `recipes backup` and `recipes restore`.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home recipes \
    && install --directory --owner recipes --mode 0700 /data
COPY --from=build /srv/recipes/.venv .venv/
COPY . .
# Compiled here, because the user who runs the server may not write there.
RUN .venv/bin/python -m compileall -q app alembic

ENV PATH=/srv/recipes/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8001

USER recipes
VOLUME /data
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=2)"]

# All dependencies are installed, so run.sh only prepares the database and serves.
CMD ["./run.sh"]
