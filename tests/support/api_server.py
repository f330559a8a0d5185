"""A cluster as Helm sees it that looks something up: it knows the kinds of some objects, and has some of them."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.support.chart import NAMESPACE, Object


@contextmanager
def cluster(
    folder: Path, known: tuple[Object, ...], secrets: Mapping[str, Mapping[str, str]], deployments: tuple[Object, ...] = ()
) -> Iterator[Path]:
    """Run one that knows the kinds of these objects and has these Secrets, by name, and these Deployments; yields the path of its
    kubeconfig."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(_answers(known, secrets) | _there(deployments)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield _kubeconfig(folder / "kubeconfig", server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answers(known: tuple[Object, ...], secrets: Mapping[str, Mapping[str, str]]) -> dict[str, Object]:
    answers: dict[str, Object] = {"/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.0"}}
    versions = sorted({found["apiVersion"] for found in known} - {"v1"})
    answers["/api"] = {"kind": "APIVersions", "versions": ["v1"]}
    answers["/apis"] = {"kind": "APIGroupList", "groups": [_group(version) for version in versions]}
    for version in ["v1", *versions]:
        kinds = sorted({found["kind"] for found in known if found["apiVersion"] == version})
        resources = {"kind": "APIResourceList", "groupVersion": version, "resources": [_resource(kind) for kind in kinds]}
        answers[f"/api/{version}" if version == "v1" else f"/apis/{version}"] = resources
    for name, data in secrets.items():
        about = {"name": name, "namespace": NAMESPACE}
        answers[f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}"] = _of_version("v1", "Secret") | {
            "metadata": about,
            "data": data,
        }
    return answers


def _there(deployments: tuple[Object, ...]) -> dict[str, Object]:
    folder = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
    return {f"{folder}/{found['metadata']['name']}": found for found in deployments}


def _of_version(version: str, kind: str) -> Object:
    return {"apiVersion": version, "kind": kind}


def _group(version: str) -> Object:
    name, _, number = version.partition("/")
    served = {"groupVersion": version, "version": number}
    return {"name": name, "versions": [served], "preferredVersion": served}


def _resource(kind: str) -> Object:
    plural = f"{kind.lower().removesuffix('y')}ies" if kind.endswith("y") else f"{kind.lower()}s"
    return {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": ["get"]}


def _handler(answers: Mapping[str, Object]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            content = json.dumps(found or _of_version("v1", "Status") | {"status": "Failure", "reason": "NotFound", "code": 404})
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing: what was asked for is no news."""

    return Handler


def _kubeconfig(path: Path, port: int) -> Path:
    config = {
        **_of_version("v1", "Config"),
        "clusters": [{"name": "it", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": "here", "context": {"cluster": "it", "user": "me"}}],
        "current-context": "here",
    }
    path.write_text(yaml.safe_dump(config))
    return path
