"""What one request may cost, beyond the bounds of a recipe's own members (`app.schemas`).

docs/operations.md has the same figures as a table. A request beyond a bound is a 413 or a 422 that
names it.
"""

KIB = 1024
MIB = 1024 * KIB

MAX_EXTRAS_VALUES = 4000
"""JSON values in `extras`. With all its other members a recipe has about 10,000 at most."""
MAX_EXTRAS_DEPTH = 20
"""Lists and objects within each other in `extras`."""
MAX_IMPORTED_LINES = 2_000
"""Ingredients, and steps, of an imported recipe that are read. One with more than 500 and 300 is
refused, so the rest would be read for nothing."""
MAX_DIFFERENT_WORDS = 4000
"""Different words of one recipe that the search finds. Cookbook chapters have some hundred."""
MAX_MARKS = 30
"""Combining marks in a row, as in the Stream-Safe Text Format of Unicode (UAX #15)."""
MAX_ACCEPT = 4 * KIB
"""Characters of an Accept header. A longer one accepts nothing that we have."""

MAX_ETAGS = 100
"""Entity tags in If-Match or If-None-Match. A longer list is read as one that is broken."""

# --- Bodies --------------------------------------------------------------------------------------

MAX_BODY = MIB
"""Bytes of a body, if its path takes no more; of an urlencoded form on any path."""
MAX_BATCH_BODY = 16 * MIB
MAX_IMPORT_BODY = 64 * MIB
INLINE_BODY = 16 * KIB
"""Bytes of a body that is parsed and validated on the event loop; a larger one in a thread."""

MAX_JSON_VALUES = 100_000
"""Values of a JSON body, counted as its marks `[`, `{` and `,`: they cost more than their bytes."""
MAX_BATCH_VALUES = 500_000

MAX_FORM_FIELDS = 200
MAX_FORM_FILES = 20
MAX_FORM_TEXT = 8 * MIB
"""Bytes of one text of a multipart form, and characters of all of them."""

# --- Answers ------------------------------------------------------------------------------------

ANSWER_BYTES = 4 * MIB
"""Bytes of the recipes in one answer; a page or a list of results that reaches them ends there."""
HIGHLIGHTED_WORDS = 40_000
"""Words of all recipes of an answer that are looked at for snippets, as many of each recipe."""
MAX_EXPORTS, MAX_EXPORTS_OF_CLIENT = 16, 2
"""Exports at once in one process, and of one account, or one address without an account."""

# --- Imports -------------------------------------------------------------------------------------

IMPORTS_AT_ONCE = 2
"""Imports of one account that run or arrive in one worker process."""
MAX_IMPORTS = 50
"""The same of all accounts: what has come of each may lie on the disk."""
MAX_BODY_SECONDS = 600.0
"""Seconds for a body to arrive, however much of it has come; a stream has no end."""
MAX_FAILED_ITEMS = 10_000
"""Recipes that may fail before the rest of a file is not read; a stream goes on."""
MAX_BLANK_LINES = 10_000
"""Blank lines of a stream of NDJSON."""
MAX_UNREAD_ANSWER = 64 * MIB
"""Bytes of the answer to a stream that its client has not read; it is not read on beyond."""

# --- Batches -------------------------------------------------------------------------------------

MAX_BATCH_BYTES = 32 * MIB
"""Bytes of documents that the operations of a batch may read and write."""
MAX_BATCH_BYTES_OF_RECIPE = 4 * MIB
"""The part of them that may be of one recipe: each change also keeps the version before it."""
MAX_ATOMIC_BATCH_BYTES = 8 * MIB
"""The same for all operations of an atomic batch, which holds the lock until its end."""
MAX_BATCH_STEP_OPERATIONS = 100
MAX_BATCH_STEP_BYTES = MIB
MAX_BATCH_STEP_SECONDS = 0.2
"""A batch that is not atomic commits after any of these and lets others write."""

# --- Pages that are fetched ----------------------------------------------------------------------

MAX_FETCHES, MAX_FETCHES_OF_ACCOUNT = 8, 2
"""Pages that are fetched at once by one process, and for one account."""
MAX_FETCHED_HEAD = 32 * KIB
"""Bytes before the body of a fetched page, interim answers (1xx) among them."""
MAX_FETCHED_CHUNKS = 20_000
"""Pieces in which a fetched page comes."""
DNS_SECONDS = 3.0
"""For the look-up of the name of a page."""

# --- Passwords -----------------------------------------------------------------------------------

PASSWORDS_OF_NETWORK = 50
"""Passwords of one address that one process checks or lets wait, of `security.MAX_WAITING`."""
PASSWORDS_HASHED_OF_NETWORK = 2
"""Those of them that have a thread, or are the next to have one."""
LOG_INS_A_MINUTE = 60
"""Right passwords for one account from one address: each costs as much as a wrong one."""
