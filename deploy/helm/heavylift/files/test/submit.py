"""What `helm test` does: submits a task as any client would, and waits for its result."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

KEY = Path("/key/first-key")
API = os.environ["API"]
PATIENCE = float(os.environ["PATIENCE"])  # seconds
ENDS = time.monotonic() + PATIENCE


def main() -> None:
    """Exits 0 when the task has succeeded; with a sentence otherwise."""
    task = call("/v1/tasks", {"kind": os.environ["KIND"], "payload": json.loads(os.environ["PAYLOAD"])})
    print(f"submitted {task['id']}", flush=True)
    while task["state"] in ("scheduled", "queued", "running"):
        if time.monotonic() > ENDS:
            sys.exit(f"it is still {task['state']} after {PATIENCE:.0f} s; does a pool take the queue {task['queue']}?")
        task = call(f"/v1/tasks/{task['id']}?wait=10")
    print(json.dumps(task, indent=1))
    if task["state"] != "succeeded":
        sys.exit(f"it ended {task['state']}")


def call(path: str, body: Any = None) -> Any:
    """The JSON that the API answers to a GET, or to a POST of ``body``; asked again while things are still starting."""
    while True:
        status, answer = ask(path, body)
        if status < 300:
            return json.loads(answer)
        if status == 401:
            sys.exit(f"the Secret with the first key has one that is no good any more: put a good one there: {answer}")
        if status not in (0, 404, 503) or time.monotonic() > ENDS:
            sys.exit(f"{API}{path}: {status or 'not reached'}: {answer}")
        time.sleep(1)


def ask(path: str, body: Any) -> tuple[int, str]:
    """Status and text; status 0 when nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY.read_text().strip()}"}
    request = urllib.request.Request(API + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


if __name__ == "__main__":
    main()
