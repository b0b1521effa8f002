"""What the cost of rows that miss their target is made of, as a profiler showed it: by the row's key.

Kept by hand beside the code, so that a new run does not lose it. Profile anew where a row says something else than
its text. Times are the processor's, on two shared cores; shares are of a profile.
"""

_OUTBOX = (
    "Settling is one statement by the driver, and takes 28 µs where the bare one takes 21, but for the commit that"
    " both wait for (some 80 µs). The rest is the claim, 75 µs for each of its rows where the bare one takes 10: on the"
    " database's side 10 who waits and whose turn it is, 10 taking the row, 5 the pace of its channel and workspace and"
    " the key of its message; on Python's side 15 making a reminder of the row, which the bare way never reads, and 20"
    " SQLAlchemy on the way to the driver. Slack takes 300 messages a minute of a workspace: a process delivers what"
    " eight hundred of them may be sent."
)

_PLANNING = (
    "Beside the bare statement, under the profiler: 0.6 ms which rungs are reached, for each version and schedule;"
    " 0.6 ms who wants a weekly summary; 0.2 ms when the next one comes; 0.2 ms whether the catalogue is still the"
    " stored one; and the supersession of nearer rungs and the mark in the same transaction. None of it grows with"
    " subscriptions."
)

_WAITS = "The other side waits ten milliseconds for a thread at each request; see the row before for dlvm's own time."

COSTS: dict[str, str] = {
    "status": (
        "Of what a status takes beyond a constant, half is the one statement that tells all about the place; the rest"
        " is limits and new workspaces, what the name means, whom the command is for, and finding the judged and drawn"
        " answer again."
    ),
    "default": _WAITS,
    "http": (
        "With one connection it is 0.65 ×: the guard takes 10 µs and Starlette's routing 4, the answer 60 more than a"
        " constant. Under 32 the threads pass the interpreter to and fro: SQLite's driver lets go of it for each row,"
        " and the one read of a status, 30 µs in process, then costs 170 µs of the processor and 95 of the system's;"
        " `help`, which reads nothing, reaches 0.73 ×. One thread instead of eight is a tenth better, a slow database"
        " then much worse; another switch interval changes nothing; keeping the answer's surroundings in memory would"
        " spare the read, and lie to whoever asks another process. The load generator shares the cores."
    ),
    "http-default": _WAITS,
    "subscriptions": (
        "Of a list a third are six statements in SQLAlchemy's session, each about alike but for the page's rows, which"
        " take twice as much; a tenth sorting 200 targets by what comes next, and drawing fifteen lines. The rest is"
        " Bolt, and encoding."
    ),
    "home": (
        "Of putting Home together 40 % are five statements in SQLAlchemy's session; 18 % the drawing; 14 % the lines"
        " and 13 % who watches which version, over all of the catalogue; 4 % dates that wait for a decision, 3 %"
        " encoding."
    ),
    "planning-10000": _PLANNING,
    "planning-100000": _PLANNING,
    "planning-1000000": _PLANNING,
    "outbox-sqlite-1": _OUTBOX,
    "outbox-sqlite-4": _OUTBOX,
    "outbox-postgresql-1": _OUTBOX,
    "outbox-postgresql-4": _OUTBOX,
    "posting": (
        "The other side posts bodies that are encoded already: drawing takes 8 µs of a message and encoding 2. The way"
        " to the sender's thread and back takes 20, and refusing to send late what waited while the machine slept 2."
    ),
    "drawing": (
        "The literal takes 10 µs and json.dumps 90; dlvm encodes with msgspec, in 8, and finds the lines that were"
        " drawn before."
    ),
    "drawing-first": (
        "A reminder in full takes 16 µs, of which 10 are its buttons, and there are six; a folded line takes 1.7 µs,"
        " and there are thirty-four; how far away dates are takes 50 µs, calendar months being dateutil's; the text"
        " that says all blocks once more takes 9. It is paid once a day for a version, not for each channel."
    ),
    "reading": (
        "selectolax parses in C: 0.07 of 2.3 ms. Taking its tree apart from Python takes the rest, half of it the words"
        " of 345 cells, an eighth the spans; 0.25 ms go into refusing what is nested without end; headings and rows"
        " take what is left. The page is read four times a day."
    ),
    "reading-python": "As the row before; Python's own parser only names the tags, and builds no tree.",
    "start": (
        "By -X importtime the tables as SQLModel classes take 50 ms, settings and .env 25, Typer and click 14, answers,"
        " policy and facts 13, use cases 10, Slack's side 10, Starlette and uvicorn 11; opening the database, asking"
        " Slack who the bot is and Bolt's listeners 25. Looking for garbage meanwhile is left out. What posts and what"
        " reads pages comes with the first tick that needs it: 150 ms, most of it aiohttp."
    ),
    "memory": (
        "Tables, use cases, answers, Starlette and uvicorn, and the catalogue. What posts and reads pages comes with"
        " the first tick that needs it: 12 MB, most of it aiohttp. The cipher of tokens, 7 MB, is read only where there"
        " are keys."
    ),
    "ask": (
        "By -X importtime the tables as SQLModel classes take 50 ms, settings (pydantic-settings and .env) 25, rich 13,"
        " Typer and click 13, use cases, answers and policy 25; the answer itself 35. Left out: what delivers and reads"
        " pages, YAML, looking for garbage while importing and at the end, PostgreSQL's dialect, and what pydantic"
        " would check rows with."
    ),
}
