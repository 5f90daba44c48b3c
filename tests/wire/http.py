import functools
import time
from collections.abc import Iterable

import orjson
from aiohttp import BodyPartReader, web

from tests.contract import Contract
from tests.wire.bell import Bell
from tests.wire.rest import Handler, Refused, Route
from tests.wire.traffic import Fault, Limit, Request, answer, too_many

PREFIX = "/api/v10"


class Http:
    """What every request passes through: the log, limits, faults and the contract."""

    def __init__(self, bell: Bell, token: str, contract: Contract | None) -> None:
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.limits: list[Limit] = []
        self.problems: list[str] = []
        self._bell = bell
        self._token = token
        self._contract = contract
        self._given: list[tuple[Request, int, object]] = []

    def mount(self, router: web.UrlDispatcher, routes: Iterable[Route]) -> None:
        """Serve these routes, and record whatever else is asked for as a problem."""
        for method, path, handler in routes:
            router.add_route(method, PREFIX + path, functools.partial(self._serve, handler))
        router.add_route("*", "/{anything:.*}", functools.partial(self._serve, self._unknown))

    def check(self) -> None:
        """Fail if something unknown was asked for, or if either side broke the contract.

        Raises:
            AssertionError: naming each problem once.
        """
        while self._contract and self._given:
            request, status, body = self._given.pop()
            self.problems += self._contract.check_response(
                request.method, request.path, status, body
            )
        assert not self.problems, "\n".join(dict.fromkeys(self.problems))

    async def _serve(self, handler: Handler, request: web.Request) -> web.Response:
        entry = await _read(request)
        self.requests.append(entry)
        self._bell.ring()
        response, headers = self._limited(entry)
        if response is None:
            response = await self._with_faults(handler, entry, request)
        response.headers.update(headers)
        entry.status = response.status
        entry.seconds = time.monotonic() - entry.started
        self._bell.ring()
        return response

    def _limited(self, entry: Request) -> tuple[web.Response | None, dict[str, str]]:
        headers: dict[str, str] = {}
        for limit in self.limits:
            if limit.covers(entry):
                early, said = limit.spend(entry)
                headers |= said
                if early:
                    return too_many(early, everywhere=limit.everywhere), headers
        return None, headers

    async def _with_faults(
        self, handler: Handler, entry: Request, request: web.Request
    ) -> web.Response:
        fault = next((fault for fault in self.faults if fault.strikes(entry)), None)
        if fault and not fault.applied and (response := await fault.happen(request)):
            return response
        response = await self._genuine(handler, entry, request)
        if fault and fault.applied:
            return await fault.happen(request) or response
        return response

    async def _genuine(
        self, handler: Handler, entry: Request, request: web.Request
    ) -> web.Response:
        try:
            self._admit(entry, request)
            body = await handler(entry)
        except Refused as refused:
            body, status = {"code": refused.code, "message": str(refused)}, refused.status
        else:
            status = 204 if body is None else 200
        self._given.append((entry, status, body))
        return web.Response(status=204) if body is None else answer(body, status)

    def _admit(self, entry: Request, request: web.Request) -> None:
        """Refuse what Discord would refuse whatever it is about."""
        by_token = entry.path.startswith(("/interactions/", "/webhooks/"))
        if not by_token and request.headers.get("Authorization") != f"Bot {self._token}":
            raise Refused(401, 0, "401: Unauthorized")
        if self._contract and (
            problems := self._contract.check(entry.method, entry.path, entry.json)
        ):
            self.problems += problems
            raise Refused(400, 50035, "Invalid Form Body")

    async def _unknown(self, entry: Request) -> None:
        self.problems.append(f"{entry.method} {entry.path}: tests/wire has no such route")
        raise Refused(501, 0, "Not Implemented")


async def _read(request: web.Request) -> Request:
    """Write a request down, what comes in several parts included."""
    files: list[tuple[str, bytes]] = []
    body = b""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.name == "payload_json":
                body = content
            else:
                files.append((part.filename or "", content))
    else:
        body = await request.read()
    return Request(
        request.method,
        request.path.removeprefix(PREFIX),
        dict(request.query),
        orjson.loads(body) if body else None,
        files,
        request.match_info,
        started=time.monotonic(),
    )
