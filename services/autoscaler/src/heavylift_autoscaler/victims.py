"""Which pods go when there are to be fewer: those whose end interrupts nothing."""

from collections.abc import Collection, Mapping, Sequence

from heavylift.store.calls import Host
from heavylift_autoscaler.pods import Pod


def choose(pods: Sequence[Pod], number: int, hosts: Mapping[str, Host], chosen: Collection[str] = ()) -> list[Pod]:
    """So many of those that stay: first those that are not ready, as Kubernetes has it, then idle ones, then the least busy.

    Of equals those that were ``chosen`` before, by name, so that nobody is told to rest in vain.
    """
    staying = [pod for pod in pods if not pod.leaving and not pod.over]
    return sorted(staying, key=lambda pod: _rank(pod, hosts, chosen))[: max(0, number)]


def _rank(pod: Pod, hosts: Mapping[str, Host], chosen: Collection[str]) -> tuple[bool, bool, bool, int, str]:
    in_hand = hosts[pod.host].in_hand if pod.host in hosts else 0
    return pod.ready, in_hand > 0, pod.name not in chosen, in_hand, pod.name


def is_idle(pod: Pod, hosts: Mapping[str, Host]) -> bool:
    """Whether a pod that was told to rest before ``hosts`` were read runs nothing and will run nothing.

    One that is not ready and of which the store knows nothing has not begun; one that is ready must be seen to rest.
    """
    host = hosts.get(pod.host)
    if host is None:
        return not pod.ready
    return host.in_hand == 0 and host.rests
