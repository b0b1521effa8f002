"""Breakdown of the cost of rows that might miss their target, by the row's key.

The texts are written by hand from profiles. Profile again if a row no longer matches its text. Times are CPU times on
two shared cores, and shares are of a profile.
"""

_OUTBOX = (
    "Settling is one statement of the driver: 28 µs, against 21 µs in the bare one, beside the commit that both"
    " wait for (about 80 µs). The rest is the claim: 75 µs a row, against 10 µs. In the database, 10 µs find the"
    " waiting rows whose turn it is, 10 µs update the row, and 5 µs update the rate limits of its channel and"
    " workspace and the key of its message. In Python, 15 µs build a reminder from the row, which the bare side"
    " never reads, and 20 µs are SQLAlchemy. Slack accepts 300 messages a minute in a workspace, so one process"
    " delivers what 800 workspaces accept."
)

_PLANNING = (
    "Beyond the bare statement, under the profiler: 0.6 ms for the ladder steps that are reached, for each version"
    " and schedule; 0.6 ms for weekly summaries; 0.2 ms for the next planning time; 0.2 ms to check that the"
    " catalogue is unchanged; and, in the same transaction, superseding earlier steps and storing the progress."
    " None of it grows with the number of subscriptions."
)

_DEFAULT_BOLT = "Bolt’s default app waits ten milliseconds for a thread at each request. See the row before for dlvm."

COSTS: dict[str, str] = {
    "status": (
        "Half of the time beyond a constant is the one statement that loads everything about the channel. The rest"
        " is rate limits, new workspaces, resolving the name and the command, and looking up the cached answer."
    ),
    "default": _DEFAULT_BOLT,
    "http": (
        "With one connection the ratio is 0.65 ×: the guard takes 10 µs, Starlette’s routing 4 µs, and the answer"
        " 60 µs more than a constant. With 32 connections the threads compete for the interpreter: SQLite’s driver"
        " releases it for each row, so the one query of a status, 30 µs in process, costs 170 µs of user time and"
        " 95 µs of system time. `help`, which reads nothing, reaches 0.73 ×. One thread instead of eight is 10 %"
        " faster, but much slower with a slow database. Another switch interval changes nothing. Caching the status"
        " context would save the query, but other processes would answer with stale data. The load generator uses"
        " the same cores."
    ),
    "http-default": _DEFAULT_BOLT,
    "subscriptions": (
        "A third is six statements in SQLAlchemy’s session, of equal cost except that the page’s rows take twice"
        " as much. A tenth is sorting 200 targets by their next date and rendering fifteen lines. The rest is Bolt"
        " and encoding."
    ),
    "home": (
        "40 % are five statements in SQLAlchemy’s session, 18 % rendering, 14 % building the lines, 13 % matching"
        " subscriptions with the whole catalogue, 4 % open decisions and 3 % encoding."
    ),
    "planning-10000": _PLANNING,
    "planning-100000": _PLANNING,
    "planning-1000000": _PLANNING,
    "outbox-sqlite-1": _OUTBOX,
    "outbox-sqlite-4": _OUTBOX,
    "outbox-postgresql-1": _OUTBOX,
    "outbox-postgresql-4": _OUTBOX,
    "posting": (
        "The floor posts encoded bodies: rendering takes 8 µs a message, and encoding 2 µs. Handing a message to"
        " the sender’s thread and back takes 20 µs, and rejecting messages that are late after a sleep of the"
        " machine 2 µs."
    ),
    "drawing": (
        "The literal takes 10 µs, and json.dumps 90 µs. dlvm encodes with msgspec in 8 µs, and caches rendered lines."
    ),
    "drawing-first": (
        "A full reminder takes 16 µs, of which 10 µs are its buttons, and there are six. A folded line takes 1.7"
        " µs, and there are 34. Distances of dates take 50 µs, because dateutil computes calendar months. The"
        " fallback text takes 9 µs. This is paid once a day for a version, not for each channel."
    ),
    "reading": (
        "selectolax parses in C: 0.07 of 2.3 ms. The rest is reading its tree from Python: half of it the texts of"
        " 345 cells, an eighth the spans, 0.25 ms the check for endless nesting, then headings and rows. The page"
        " is read four times a day."
    ),
    "reading-python": ("See the row before. Python’s parser only reports tags, and builds no tree."),
    "start": (
        "By -X importtime: SQLModel table classes 50 ms, settings and .env 25, Typer and click 14, answers, policy"
        " and facts 13, use cases 10, Slack’s side 10, Starlette and uvicorn 11. Opening the database, asking Slack"
        " for the bot’s identity and adding Bolt’s listeners take 25 ms. Garbage collection is off meanwhile. The"
        " modules that post messages and read pages are imported at the first tick that needs them: 150 ms, most of"
        " it aiohttp."
    ),
    "memory": (
        "Tables, use cases, answers, Starlette, uvicorn and the catalogue. The modules that post messages and read"
        " pages are imported at the first tick that needs them: 12 MB, most of it aiohttp. The token encryption, 7"
        " MB, is imported only if there are keys."
    ),
    "ask": (
        "By -X importtime: SQLModel table classes 50 ms, settings (pydantic-settings and .env) 25, rich 13, Typer"
        " and click 13, use cases, answers and policy 25. The answer takes 35 ms. Not imported or run: delivery,"
        " page readers, YAML, garbage collection while importing and at exit, PostgreSQL’s dialect, and pydantic’s"
        " row validation."
    ),
}
