"""What is in a namespace, whoever put it there."""

import subprocess
from typing import Final

#: What comes and goes by itself.
_FLEETING: Final = ("events", "pods.metrics.k8s.io")


def objects(namespace: str) -> set[str]:
    """Every object that can be listed there, as kind and name."""
    kinds = _kubectl("api-resources", "--verbs=list", "--namespaced", "--output=name")
    lasting = ",".join(kind for kind in kinds if not kind.startswith(_FLEETING))
    return set(_kubectl("get", lasting, f"--namespace={namespace}", "--output=name", "--ignore-not-found"))


def _kubectl(*words: str) -> list[str]:
    return subprocess.run(["kubectl", *words], check=True, capture_output=True, text=True).stdout.split()
