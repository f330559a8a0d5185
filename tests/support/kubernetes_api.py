"""The part of the Kubernetes API that an autoscaler uses, over HTTP on loopback, for the real client.

It keeps versions as the real one does: each change has a number, a change that names an older one is refused with 409, a watch
goes on after the number that it names and is refused with 410 when that is too long ago. The end-to-end tests use a real one.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

Object = dict[str, Any]
NAMESPACE = "here"


KINDS = {
    "deployments": "Deployment",
    "pods": "Pod",
    "events": "Event",
    "leases": "Lease",
    "horizontalpodautoscalers": "HorizontalPodAutoscaler",
    "scaledobjects": "ScaledObject",
}
_KIND = ("apiVersion", "kind")  # which objects in a list do not have


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class KubernetesApi:
    """Objects by their plural and name, and what happened to them. ``forbidden`` holds verb and resource, ``known`` plurals."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], Object] = {}
        self._changes: list[tuple[int, str, str, Object]] = []
        self._version = 100
        self._oldest = 0
        self._changed = threading.Condition()
        self.asked: list[tuple[str, str]] = []
        self.forbidden: set[tuple[str, str]] = set()
        self.known = set(KINDS)
        self.silent = threading.Event()
        self.delay = 0.0

    def put(self, plural: str, item: Object) -> Object:
        """Make an object, or change it."""
        with self._changed:
            name = item["metadata"]["name"]
            there = (plural, name) in self._objects
            self._version += 1
            metadata = {"uid": f"uid-{name}", "namespace": NAMESPACE, **item["metadata"], "resourceVersion": str(self._version)}
            stored = {"apiVersion": "v1", "kind": KINDS[plural], **item, "metadata": metadata}
            self._objects[plural, name] = stored
            self._changes.append((self._version, "MODIFIED" if there else "ADDED", plural, stored))
            self._changed.notify_all()
            return stored

    def remove(self, plural: str, name: str) -> None:
        """Delete an object."""
        with self._changed:
            self._version += 1
            gone = self._objects.pop((plural, name))
            gone = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self._version)}}
            self._changes.append((self._version, "DELETED", plural, gone))
            self._changed.notify_all()

    def find(self, plural: str, name: str) -> Object | None:
        """An object as it is now."""
        with self._changed:
            return self._objects.get((plural, name))

    def all(self, plural: str) -> list[Object]:
        """Every object of a kind, by name."""
        with self._changed:
            return [item for (kind, _), item in sorted(self._objects.items()) if kind == plural]

    def change(self, plural: str, name: str, patch: Object) -> Object:
        """Merge something into an object."""
        item = self.find(plural, name)
        assert item is not None
        return self.put(plural, merged(item, patch))

    def forget_the_past(self) -> None:
        """As after a compaction: no watch can go on from before."""
        with self._changed:
            self._version += 1
            self._changes, self._oldest = [], self._version
            self._changed.notify_all()

    def answer(self, verb: str, plural: str, name: str, part: str, body: Object, version: str | None) -> Object:
        """Do what is asked. Raises Refusal."""
        what = f"{plural}/{part}" if part else plural
        self.asked.append((verb, what))
        if (verb, what) in self.forbidden:
            raise Refusal(403, f'{what} is forbidden: User "autoscaler" cannot {verb} resource "{what}"')
        if plural not in self.known:
            raise Refusal(404, "404 page not found")
        with self._changed:
            if verb == "list":
                items = [{key: value for key, value in item.items() if key not in _KIND} for item in self.all(plural)]
                kind = {"apiVersion": "v1", "kind": f"{KINDS[plural]}List"}
                return {**kind, "items": items, "metadata": {"resourceVersion": str(self._version)}}
            item = self._objects.get((plural, name))
            if verb == "create":
                return self._create(plural, body)
            if item is None:
                raise Refusal(404, f'{plural} "{name}" not found')
            if verb != "get" and version and version != item["metadata"]["resourceVersion"]:
                raise Refusal(409, f"the object {name} has been modified; please apply your changes to the latest version")
            return self._one(verb, plural, part, item, body)

    def _create(self, plural: str, body: Object) -> Object:
        if (plural, body["metadata"]["name"]) in self._objects:
            raise Refusal(409, f"{plural} {body['metadata']['name']} already exists")
        return self.put(plural, body)

    def _one(self, verb: str, plural: str, part: str, item: Object, body: Object) -> Object:
        if verb == "update":
            return self.put(plural, body)
        if verb == "patch":
            item = self.put(plural, merged(item, {"spec": body["spec"]} if part else body))
        if part == "scale":
            return {"metadata": item["metadata"], "spec": {"replicas": n} if (n := item["spec"]["replicas"]) else {}}
        return item

    def watch(self, plural: str, version: int, seconds: float) -> Iterator[Object]:
        """What happens after a version, for so many seconds, and a bookmark at the end."""
        if version < self._oldest:
            gone = {"code": 410, "message": "too old resource version", "metadata": {}}
            yield {"type": "ERROR", "object": gone}
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.silent.is_set():
            with self._changed:
                if version < self._oldest:
                    return
                if self._version == version:
                    self._changed.wait(0.05)
                news, version = [change for change in self._changes if change[0] > version], self._version
            yield from ({"type": what, "object": item} for _, what, kind, item in news if kind == plural)
        yield {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}


def merged(item: Any, patch: Any) -> Any:
    """JSON Merge Patch, RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(item) if isinstance(item, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


def _handler(api: KubernetesApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            url = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            _, _, rest = url.path.partition(f"/namespaces/{NAMESPACE}/")
            plural, name, part = [*rest.split("/"), "", ""][:3]
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            time.sleep(api.delay)
            while api.silent.is_set():
                time.sleep(0.02)
            verb = _VERBS.get(self.command) or ("get" if name else "list")
            try:
                if "watch" in query:
                    api.answer("watch", plural, "", "", {}, None) if ("watch", plural) in api.forbidden else None
                    return self._stream(api.watch(plural, int(query["resourceVersion"]), float(query["timeoutSeconds"])))
                return self._say(200, api.answer(verb, plural, name, part, body, body.get("metadata", {}).get("resourceVersion")))
            except Refusal as refusal:
                return self._say(refusal.status, {"kind": "Status", "message": str(refusal), "code": refusal.status})

        do_GET = do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815  so they are called by the server

        def _say(self, status: int, told: Object) -> None:
            text = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _stream(self, changes: Iterator[Object]) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for change in changes:
                line = json.dumps(change).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nobody reads it."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no fault of a test."""


@contextmanager
def kubernetes_api() -> Iterator[tuple[KubernetesApi, Any]]:
    """The API and a client's configuration for it."""
    api = KubernetesApi()
    server = _Server(("127.0.0.1", 0), _handler(api))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api, client.Configuration(host=f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        api.silent.clear()
        server.shutdown()
        server.server_close()
        thread.join()
