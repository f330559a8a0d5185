"""What keeps a pool from the size that it should have: a word for machines and a sentence for people, for each trouble."""

from collections.abc import Iterator, Sequence

from heavylift.store.calls import Condition
from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.recommendation import Recommendation, Rule


def of_pods(pods: Sequence[Pod], forbidden: str) -> Iterator[Condition]:
    """What is wrong with the pods that there are, or that there cannot be; each trouble is told of one of them."""
    staying = [pod for pod in pods if not pod.leaving and not pod.over]
    if forbidden:
        yield Condition("quota", f"the cluster makes no pods for this pool: {forbidden}")
    for pod in [pod for pod in staying if pod.image][:1]:
        yield Condition(
            "image", f"the pod {pod.name} does not start, as {pod.image}: mend the image, or the secret to pull it with"
        )
    for pod in [pod for pod in staying if pod.crash and not pod.image][:1]:
        yield Condition("crash", f"the pod {pod.name} does not get ready, as {pod.crash}: look at its logs; no more are ordered")
    for pod in [pod for pod in staying if pod.unplaced][:1]:
        yield Condition("unplaced", f"the pod {pod.name} has no node: {pod.unplaced}")


def of_recommendation(said: Recommendation) -> Iterator[Condition]:
    """What is wrong with what is known, or with the bounds."""
    if said.rule is Rule.UNKNOWN:
        yield Condition("unknown", said.reason)
    if said.rule is Rule.MAXIMUM:
        yield Condition("maximum", said.reason)


def owned(owner: str, deployment: str) -> Condition:
    """Somebody else scales the same."""
    return Condition(
        "owner",
        f"{owner} scales the Deployment {deployment}, too, so nothing is changed here: delete it, or set "
        "HEAVYLIFT_AUTOSCALER_ENGINE to keda or none",
    )


def missing(deployment: str, namespace: str) -> Condition:
    """There is nothing to scale."""
    return Condition(
        "missing",
        f"there is no Deployment {deployment} in the namespace {namespace}: make it, or mend HEAVYLIFT_AUTOSCALER_POOLS",
    )


def api(trouble: str) -> Condition:
    """Kubernetes does not do what it is asked."""
    return Condition("api", trouble)


def rolling() -> Condition:
    """A rollout chooses pods by itself."""
    return Condition("rollout", "new pods are replacing old ones, so none is taken away until that is over")


def waiting(reason: str) -> Condition:
    """Fewer pods come later."""
    return Condition("draining", reason)
