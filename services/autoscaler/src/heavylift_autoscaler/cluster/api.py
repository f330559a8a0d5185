"""Requests to the API server, by the official client: each has a time limit, is counted, and fails with a sentence."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self

import urllib3
from kubernetes import client, config
from urllib3.exceptions import HTTPError

from heavylift.errors import ConfigurationInvalid, HeavyliftError
from heavylift.telemetry import ApiAsked, Reporter
from heavylift_autoscaler.cluster.resources import Object, Resource
from heavylift_autoscaler.cluster.trust import usual_trust
from heavylift_autoscaler.settings import AutoscalerSettings

_NAMESPACE_FILE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_MERGE: Final = "application/merge-patch+json"


class ApiTrouble(HeavyliftError):
    """The API server did not do what it was asked.

    ``status``: of its answer, 0 where there was none.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One namespace. ``timeout`` in seconds bounds each answer."""

    def __init__(self, configuration: Any, namespace: str, *, timeout: float, reporter: Reporter) -> None:
        configuration.retries = urllib3.Retry(0, redirect=0)  # whoever asks decides whether to ask again
        self._client: Any = client.ApiClient(configuration)
        self._client.rest_client.pool_manager.connection_pool_kw["ssl_context"] = usual_trust()
        self.namespace = namespace
        self._timeout = timeout
        self._reporter = reporter
        self._refreshing = threading.Lock()

    @classmethod
    def of(cls, settings: AutoscalerSettings, reporter: Reporter) -> Self:
        """By the service account of the pod, or by a kubeconfig. Raises ConfigurationInvalid."""
        configuration: Any = client.Configuration()
        try:
            namespace = settings.namespace or _configure(configuration, settings.kubeconfig)
            if settings.namespace:
                _configure(configuration, settings.kubeconfig)
        except (config.ConfigException, OSError) as error:
            raise ConfigurationInvalid(
                f"the API server of Kubernetes cannot be found ({error}); run in a pod with a service account, or name a "
                "kubeconfig with HEAVYLIFT_AUTOSCALER_KUBECONFIG"
            ) from error
        return cls(configuration, namespace, timeout=settings.request_timeout, reporter=reporter)

    def get(self, resource: Resource, name: str = "", part: str = "", **query: str) -> Object:
        """One object, a part of it, or a list. Raises ApiTrouble."""
        return self._ask("get" if name else "list", "GET", resource, name, part, query=query)

    def create(self, resource: Resource, body: Object) -> Object:
        """Make an object. Raises ApiTrouble."""
        return self._ask("create", "POST", resource, body=body)

    def replace(self, resource: Resource, name: str, body: Object) -> Object:
        """Put an object in the place of what was there, if that has not changed. Raises ApiTrouble."""
        return self._ask("update", "PUT", resource, name, body=body)

    def patch(self, resource: Resource, name: str, body: Object, part: str = "", *, within: float | None = None) -> Object:
        """Change an object as JSON Merge Patch says, in so many seconds. Raises ApiTrouble."""
        return self._ask("patch", "PATCH", resource, name, part, body=body, within=within)

    def watch(self, resource: Resource, *, seconds: int, **query: str) -> Iterator[Object]:
        """What happens to the objects of a list, as it happens, for so many seconds. Raises ApiTrouble."""
        query |= {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
        answer = self._send("watch", "GET", resource, query=query, timeout=(self._timeout, seconds + self._timeout))
        with closing(answer):
            yield from _lines(answer)

    def _ask(
        self,
        verb: str,
        method: str,
        resource: Resource,
        name: str = "",
        part: str = "",
        *,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        within: float | None = None,
    ) -> Object:
        timeout = self._timeout if within is None else max(0.05, min(within, self._timeout))
        answer = self._send(verb, method, resource, name, part, query=query or {}, body=body, timeout=timeout)
        try:
            told: Object = json.loads(answer.read())
        except (HTTPError, OSError, ValueError) as error:
            raise _silent(error) from error
        return told

    def _send(
        self,
        verb: str,
        method: str,
        resource: Resource,
        name: str = "",
        part: str = "",
        *,
        query: Mapping[str, str],
        timeout: Any,
        body: Object | None = None,
    ) -> Any:
        headers = {"Accept": "application/json", "Content-Type": _MERGE if method == "PATCH" else "application/json"}
        path = resource.path(self.namespace, name, part)
        what = "/".join(filter(None, (resource.plural, part)))
        try:
            with self._refreshing:  # the client reads a token that has changed, and is not made for several threads there
                request = self._client.param_serialize(
                    method,
                    path,
                    query_params=list(query.items()),
                    header_params=headers,
                    body=body,
                    auth_settings=["BearerToken"],
                )
            response = self._client.call_api(*request, _request_timeout=timeout).response
        except (HTTPError, OSError, client.ApiException) as error:
            self._reporter.report(ApiAsked(verb=verb, resource=what, code="none"))
            raise _silent(error) from error
        self._reporter.report(ApiAsked(verb=verb, resource=what, code=str(response.status)))
        if response.status >= HTTPStatus.BAD_REQUEST:
            with closing(response):
                raise _refused(verb, what, self.namespace, response)
        return response


def _configure(configuration: Any, kubeconfig: Path | None) -> str:
    """Fill in where the API server is and who we are. Returns our namespace."""
    if kubeconfig is None:
        config.load_incluster_config(configuration)  # type: ignore[no-untyped-call]
        return _NAMESPACE_FILE.read_text().strip()
    config.load_kube_config(str(kubeconfig), client_configuration=configuration)  # type: ignore[no-untyped-call]
    _, context = config.list_kube_config_contexts(str(kubeconfig))  # type: ignore[no-untyped-call]
    return str(context["context"].get("namespace", "default"))


def _lines(answer: Any) -> Iterator[Object]:
    rest = b""
    try:
        for piece in answer.stream(amt=None):
            *lines, rest = (rest + piece).split(b"\n")
            yield from (json.loads(line) for line in lines if line.strip())
    except (HTTPError, OSError, ValueError) as error:
        raise _silent(error) from error


def _silent(error: Exception) -> ApiTrouble:
    return ApiTrouble(f"the API server of Kubernetes does not answer ({type(getattr(error, 'reason', None) or error).__name__})")


def _refused(verb: str, what: str, namespace: str, response: Any) -> ApiTrouble:
    if response.status == HTTPStatus.FORBIDDEN:
        if "exceeded quota" in (said := _message(response)):
            return ApiTrouble(said, response.status)
        return ApiTrouble(
            f"the service account may not {verb} {what} in the namespace {namespace}: add that to its Role", response.status
        )
    return ApiTrouble(f"the API server refused to {verb} {what}: {_message(response)}", response.status)


def _message(response: Any) -> str:
    try:
        said = json.loads(response.read())
    except (HTTPError, OSError, ValueError):
        said = {}
    return str(said.get("message") if isinstance(said, dict) else "") or f"status {response.status}"
