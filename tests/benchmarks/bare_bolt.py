"""The floor of a request: a Bolt app without dlvm, whose listener answers a constant.

`python -m tests.benchmarks.bare_bolt PORT` serves it with dlvm's endpoint and server. With `default` after the port,
it is served as Bolt's documentation does.
"""

import sys

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from starlette.routing import Route

from bot.slack.endpoint import Endpoint
from bot.web import app as web
from bot.web.server import serve

CONSTANT_ANSWER = "an answer that is always the same"


def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=enterprise_id, team_id=team_id, bot_id="B1", bot_user_id="UBOT", bot_token="xoxb-good"
    )


def build_bare_app(secret: str, *, process_before_response: bool = True) -> App:
    """Build the app. `process_before_response` is False in Bolt's documentation."""
    app = App(signing_secret=secret, authorize=_authorize, process_before_response=process_before_response)

    @app.command("/dlvm")
    def answer_command(ack: Ack) -> None:
        ack(CONSTANT_ANSWER)

    @app.event("app_home_opened")
    def acknowledge_home(ack: Ack) -> None:
        ack()

    return app


def main(port: int, secret: str, *, default: bool) -> None:
    app = build_bare_app(secret, process_before_response=not default)
    if default:
        app.start(port)
        return
    endpoint = Endpoint(app)
    routes = [Route(web.EVENTS_PATH, endpoint)]
    serve(web.build_app(routes, on_start=lambda: None, on_stop=endpoint.close), "127.0.0.1", port)


if __name__ == "__main__":
    from tests.processes.fake_slack import SECRET

    main(int(sys.argv[1]), SECRET, default="default" in sys.argv[2:])
