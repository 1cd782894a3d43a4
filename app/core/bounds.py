"""Bounds on the cost of one request. The bounds of a recipe's members are in `app.schemas`.

docs/operations.md lists them. A request that exceeds one gets a 413 or 422 that names it.
"""

KIB = 1024
MIB = 1024 * KIB

MAX_EXTRAS_VALUES = 4000
"""JSON values in `extras`. All other members of a recipe have at most about 10,000."""
MAX_EXTRAS_DEPTH = 20
"""Nesting of lists and objects in `extras`."""
MAX_IMPORTED_LINES = 2_000
"""Ingredients, and steps, read of an imported recipe. One with more than 500 or 300 is refused, so
reading the rest would be wasted."""
MAX_DIFFERENT_WORDS = 4000
"""Different words indexed of one recipe. A cookbook chapter has some hundred."""
MAX_SYNONYM_LINES = 2000
"""Lines of an instance's own synonyms."""
MAX_SYNONYMS = 20
"""Names in one line of synonyms."""
MAX_SYNONYM_TERMS = 100
"""Synonyms of all words of a search, each in all its forms."""
MAX_MARKS = 30
"""Combining marks in a row, as in the Stream-Safe Text Format of Unicode (UAX #15)."""
MAX_ACCEPT = 4 * KIB
"""Characters of an Accept header. A longer one matches nothing."""

MAX_ETAGS = 100
"""Entity tags in If-Match or If-None-Match. A longer list counts as malformed."""

# --- Bodies --------------------------------------------------------------------------------------

MAX_BODY = MIB
"""Bytes of a body on most paths, and of a urlencoded form on every path."""
MAX_BATCH_BODY = 16 * MIB
MAX_IMPORT_BODY = 64 * MIB
INLINE_BODY = 16 * KIB
"""Bytes of a body parsed on the event loop. A larger one is parsed in a thread."""

MAX_JSON_VALUES = 100_000
"""Values of a JSON body, counted as its `[`, `{` and `,`: they cost more than their bytes."""
MAX_BATCH_VALUES = 500_000

MAX_FORM_FIELDS = 200
MAX_FORM_FILES = 20
MAX_FORM_TEXT = 8 * MIB
"""Bytes of one text field of a multipart form, and characters of all together."""

# --- Answers ------------------------------------------------------------------------------------

ANSWER_BYTES = 4 * MIB
"""Bytes of recipes in one response. A page that reaches them ends there."""
HIGHLIGHTED_WORDS = 40_000
"""Words searched for snippets in one response, divided equally among its recipes."""
MAX_EXPORTS, MAX_EXPORTS_OF_CLIENT = 16, 2
"""Concurrent exports in one process, and per account or anonymous address."""

# --- Imports -------------------------------------------------------------------------------------

IMPORTS_AT_ONCE = 2
"""Imports of one account that run or arrive in one worker."""
MAX_IMPORTS = 50
"""The same of all accounts, since each upload may be spooled to the disk."""
MAX_BODY_SECONDS = 600.0
"""Seconds for a whole body to arrive. Streams are exempt."""
MAX_FAILED_ITEMS = 10_000
"""Failed recipes after which the rest of a file is not read. Streams go on."""
MAX_BLANK_LINES = 10_000
"""Blank lines in an NDJSON stream."""
MAX_UNREAD_ANSWER = 64 * MIB
"""Bytes of the response to a stream that the client has not read. Beyond, reading pauses."""

# --- Batches -------------------------------------------------------------------------------------

MAX_BATCH_BYTES = 32 * MIB
"""Bytes of documents that a batch may read and write."""
MAX_BATCH_BYTES_OF_RECIPE = 4 * MIB
"""The share of one recipe, since each change also stores the previous version."""
MAX_ATOMIC_BATCH_BYTES = 8 * MIB
"""The same for an atomic batch, which holds the write lock to its end."""
MAX_BATCH_STEP_OPERATIONS = 100
MAX_BATCH_STEP_BYTES = MIB
MAX_BATCH_STEP_SECONDS = 0.2
"""A non-atomic batch commits after any of these, and lets others write."""

# --- Fetched pages -------------------------------------------------------------------------------

MAX_FETCHES, MAX_FETCHES_OF_ACCOUNT = 8, 2
"""Concurrent fetches of one process, and of one account."""
MAX_FETCHED_HEAD = 32 * KIB
"""Bytes before the body of a fetched page, including interim responses (1xx)."""
MAX_FETCHED_CHUNKS = 20_000
"""Chunks of a fetched page."""
DNS_SECONDS = 3.0
"""Timeout of a DNS lookup."""

# --- Passwords -----------------------------------------------------------------------------------

PASSWORDS_OF_NETWORK = 50
"""Passwords of one address that one process checks or queues, of `security.MAX_WAITING`."""
PASSWORDS_HASHED_OF_NETWORK = 2
"""Those of them that may have a thread at once."""
LOG_INS_A_MINUTE = 60
"""Successful log-ins per account and address: each costs as much as a failed one."""
