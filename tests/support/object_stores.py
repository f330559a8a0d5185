"""Object stores for tests: one that speaks S3, in a process of its own on loopback, and a folder."""

import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import obstore
from obstore.store import S3Store, from_url

from heavylift.local import processes
from heavylift.settings import ObjectSettings
from tests.support.eventually import eventually

BUCKET = "payloads"
SECRETS = {"access_key_id": "tester", "secret_access_key": "a secret of the tests"}


class S3Server:
    """Speaks S3 between ``with`` and its end; what it holds is gone with it. It keeps its port when it is stopped and started."""

    def __init__(self) -> None:
        self.port = processes.free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed at the end
        self._secrets = tempfile.TemporaryDirectory()
        self.credentials = Path(self._secrets.name)
        for name, value in SECRETS.items():
            (self.credentials / name).write_text(f"{value}\n")

    def start(self) -> None:
        """Start it, with an empty bucket."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = processes.start(command, environment={}, directory=Path.cwd(), output=self._log)
        eventually(self._has_bucket, within=30, claim="an answer of the S3 server")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            processes.stop(self._process, grace=5)
            self._process = None

    def settings(self, prefix: str, **more: Any) -> ObjectSettings:
        """Of who keeps objects under ``prefix``."""
        return ObjectSettings(**self.values(prefix, **more))

    def values(self, prefix: str, **more: Any) -> dict[str, Any]:
        """The same as values by name."""
        place = {"url": f"s3://{BUCKET}/{prefix}", "endpoint": self.endpoint, "region": "us-east-1"}
        return {**place, "credentials": str(self.credentials), "deadline": 5.0, **more}

    def client(self, prefix: str) -> S3Store:
        """Its objects under ``prefix``, as somebody else's program sees them."""
        made = from_url(
            f"s3://{BUCKET}/{prefix}",
            config={"endpoint": self.endpoint, "region": "us-east-1", **SECRETS},
            client_options={"allow_http": True},
        )
        assert isinstance(made, S3Store)
        return made

    def names(self, prefix: str) -> list[str]:
        """The names of the objects under ``prefix``."""
        return [str(found["path"]) for found in obstore.list(self.client(prefix)).collect()]

    def _has_bucket(self) -> bool:
        try:
            return httpx.put(f"{self.endpoint}/{BUCKET}", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._secrets.cleanup()
        self._log.close()


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """Settings as the variables of a process."""
    return {f"HEAVYLIFT_OBJECTS_{name.upper()}": str(value) for name, value in settings.items()}
