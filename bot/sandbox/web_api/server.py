"""The Web API and response URLs over HTTP, with token checks, injected faults and a record of every call."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.block_kit import validate
from bot.sandbox.faults import ApiCall, Fault
from bot.sandbox.models import Json, ResponseUrl, SlackError
from bot.sandbox.web_api import methods
from bot.sandbox.workspace import Workspace, assign_ids

MAX_RESPONSE_URL_USES = 5

_JSON_ARGUMENTS = ("blocks", "metadata", "view", "attachments")


class WebApi:
    """The workspace's Web API, for clients with the bot token."""

    def __init__(self, workspace: Workspace, bot_token: str) -> None:
        self._workspace = workspace
        self._token = bot_token

    def build_routes(self) -> list[Route]:
        """Build the routes."""
        return [
            Route("/api/{method}", self.handle_call, methods=["GET", "POST"]),
            Route("/response/{url_id}", self.handle_response_url, methods=["POST"]),
        ]

    async def handle_call(self, request: Request) -> Response:
        """Handle a call of a method."""
        method = request.path_params["method"]
        arguments = await _parse_arguments(request)
        fault = self._workspace.faults.take(method)
        if fault is not None and not fault.after_effect:
            return self._record(method, arguments, _build_fault_response(fault))
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        content = self._call(method, token or str(arguments.get("token", "")), arguments)
        if fault is not None:
            return self._record(method, arguments, _build_fault_response(fault))
        return self._record(method, arguments, JSONResponse(content, headers={"x-oauth-scopes": methods.SCOPES}))

    def _call(self, method: str, token: str, arguments: Json) -> Json:
        if token != self._token:
            return {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        if not self._workspace.is_installed:
            return {"ok": False, "error": "account_inactive"}
        try:
            return methods.call(self._workspace, method, arguments)
        except SlackError as error:
            return {"ok": False, "error": error.code, **error.extra_fields}

    def _record(self, method: str, arguments: Json, response: Response) -> Response:
        try:
            content = json.loads(bytes(response.body))
        except ValueError:
            content = {}
        recorded = {name: value for name, value in arguments.items() if name != "token"}
        self._workspace.calls.append(ApiCall(self._workspace.now(), method, recorded, response.status_code, content))
        return response

    async def handle_response_url(self, request: Request) -> Response:
        """Handle a message sent to a response URL: it replaces or deletes the original message, or is a new one."""
        response_url = self._workspace.response_urls.get(request.path_params["url_id"])
        if (
            response_url is None
            or response_url.use_count >= MAX_RESPONSE_URL_USES
            or self._workspace.now().timestamp() > response_url.expires_at
        ):
            return JSONResponse({"ok": False, "error": "used_url"}, status_code=404)
        try:
            payload = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, status_code=400)
        rejection = None if payload.get("delete_original") else validate.find_rejection("response_url", payload)
        if rejection is not None:
            content = {"ok": False, "error": rejection.error, "messages": rejection.messages}
            return JSONResponse(content, status_code=400)
        response_url.use_count += 1
        self._apply_message(response_url, payload)
        return Response("ok", media_type="text/plain")

    def _apply_message(self, response_url: ResponseUrl, payload: Json) -> None:
        channel, message_ts = self._workspace.channels[response_url.channel_id], response_url.message_ts
        original = self._workspace.find_message(channel, message_ts) if message_ts else None
        if original is not None and payload.get("delete_original"):
            self._workspace.remove_message(channel, original)
        elif original is not None and payload.get("replace_original"):
            original.text, original.blocks = str(payload["text"]), assign_ids(payload.get("blocks") or [])
            original.edited_ts = "" if original.only_for else self._workspace.create_ts()
            self._workspace.mark_changed()
        else:
            self._workspace.post_response(channel, payload, response_url.user_id)


async def _parse_arguments(request: Request) -> Json:
    """Return the arguments of the query and the body, a form or JSON, with nested JSON decoded."""
    arguments: dict[str, Any] = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        arguments |= json.loads(await request.body() or b"{}")
    else:
        arguments |= {name: str(value) for name, value in (await request.form()).items()}
    return {name: _decode_argument(name, value) for name, value in arguments.items()}


def _decode_argument(name: str, value: object) -> object:
    if name not in _JSON_ARGUMENTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _build_fault_response(fault: Fault) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after is not None else {}
    if fault.error and fault.body is None:
        content = {"ok": False, "error": fault.error, **dict(fault.extra_fields)}
        return JSONResponse(content, status_code=fault.status, headers=headers)
    return Response(fault.body or "", status_code=fault.status, headers=headers, media_type="text/html")
