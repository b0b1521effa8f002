"""What the cost of rows that miss their target is made of, as a profiler showed it: by the row's key.

Kept by hand beside the code, so that a new run does not lose it. Profile anew where a row says something else than
its text. Times are the processor's, on two shared cores; shares are of a profile.
"""

_OUTBOX = (
    "A row costs 0.72 ms of the processor where the bare statements cost 0.12 ms; both wait for the same number of"
    " commits and write nearly as much (16.7 against 14.2 kB). Of 1.9 ms under the profiler without the commits 0.9"
    " are the claim, half of it the statements for each workspace that keep its turn and pace; 0.6 the settling,"
    " half of it the statement that notes that the channel can be reached; the rest is the session. SQLAlchemy on"
    " the way to the driver is 1.1 ms of all of it. Settling several messages in one transaction would be faster and"
    " is not done: a crash in it would leave all of them in doubt. Slack takes 300 messages a minute of a workspace."
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
        "Two thirds of a status are Bolt on both sides. Of the rest, in shares of the whole: 16 % the one statement"
        " that tells all about the place (SQLAlchemy's pool is half of it), 6 % limits and new workspaces, 5 % what"
        " the name means, 3 % whom the command is for, 3 % finding the judged and drawn answer again."
    ),
    "default": _WAITS,
    "http": (
        "The guard in front of Bolt, which the bare app does without, takes 50 µs: a signature that Bolt checks once"
        " more, the form's shape, and the memory of what was here before. The answer takes 86 µs more than a constant"
        " (see the status in process), Starlette's routing some 10. Handing it to the endpoint's pool and back costs"
        " 80 µs on both sides; under 32 connections the threads also wait for each other, which one thread instead of"
        " eight would make a tenth better and a slow database much worse. The load generator shares the cores."
    ),
    "http-default": _WAITS,
    "subscriptions": (
        "Of a list 35 % are six statements in SQLAlchemy's session, each about alike but for the page's rows, which"
        " take twice as much; 8 % sorting 200 targets by what comes next; 5 % fifteen lines. Drawing is found again."
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
        "The other side posts bodies that are encoded already: encoding is 28 µs of a message, and drawing 7. What"
        " is left is the way to the sender's thread and back, and slack_sdk around the same aiohttp session."
    ),
    "drawing": (
        "The literal takes 10 µs, json.dumps 95 on both sides. dlvm adds some 40: half of it is finding the lines"
        " that were drawn before (equal ones, by their hash), 9 µs the text that says all blocks once more."
    ),
    "drawing-first": (
        "A reminder in full takes 16 µs, of which 10 are its buttons, and there are six; a folded line takes 1.7 µs,"
        " and there are thirty-four; the text that says all blocks once more takes 9 µs. It is paid once a day for a"
        " version and its dates, not for each channel."
    ),
    "reading": (
        "selectolax parses in C: 0.14 of 2.8 ms. Taking its tree apart from Python takes 2.3 ms, half of it the"
        " words of 345 cells, an eighth the spans; 0.25 ms go into refusing what is nested without end; headings and"
        " rows take what is left. The page is read four times a day."
    ),
    "reading-python": "As the row before; Python's own parser only names the tags, and builds no tree.",
    "start": (
        "By -X importtime, 490 ms beside the floor's 320: aiohttp and its parts 150, the tables as SQLModel classes 58,"
        " answers, policy and facts (frozen dataclasses) 71, use cases 28, the readers of pages and feeds 28, Slack's"
        " side 31, settings and .env 25, rich and Typer 33, YAML 9, Starlette and uvicorn 12. aiohttp could come"
        " later, but the first tick that posts or fetches would bring it within a minute."
    ),
    "memory": (
        "Beyond the floor's 57 MB: aiohttp 9 MB, use cases and policy 5, tables 3, Starlette and uvicorn 3, the"
        " reader of pages 2, answers 2, everything of Slack 3; the rest are threads, connections and the catalogue."
        " The cipher of tokens, 7 MB, is read only where there are keys."
    ),
    "ask": (
        "By -X importtime, 220 ms beside the 290 of importing sqlmodel: the tables as SQLModel classes 48, answers 36,"
        " policy 18 and facts 15 (frozen dataclasses, made at each import), rich 14, settings (pydantic-settings and"
        " .env) 25, use cases 10, Typer 9, Slack's blocks 9, the catalogue's readers 8, YAML 8. Tables, facts and"
        " answers are half of it, and every answer needs them. Left out already: what delivers and refreshes, looking"
        " for garbage, PostgreSQL's dialect, and what pydantic would check rows with."
    ),
}
