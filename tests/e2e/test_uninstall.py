"""The end of a release, and its return."""

from collections.abc import Callable

from tests.e2e.support.leftovers import objects
from tests.e2e.support.stand import Stand
from tests.support.eventually import eventually

#: What a namespace has of its own, and the journal of the tests.
OTHERS = ("default", "kube-root-ca.crt", "journal")


def test_uninstall_leaves_the_volumes_of_redis_alone_and_who_installs_again_finds_what_they_hold(
    another: Callable[..., Stand],
):
    # Given a release that has done something
    stand = another("leaving")
    with stand.connect() as entrance:
        (request,) = entrance.submit("demo.add", {"a": 2, "b": 3}).requests
        assert request.task, request.said
        assert entrance.read(request.task, wait=20)["result"] == 5

    # When it is removed
    stand.release.uninstall()

    # Then its volumes stay, as docs/operations.md says, and nothing else
    volumes = {f"persistentvolumeclaim/data-leaving-heavylift-redis-{number}" for number in range(3)}
    eventually(lambda: _of_release(stand), holds=volumes.__eq__, within=60, claim="the end of all but the volumes")

    # And who installs it again has the tasks of before, and can go on
    stand.release.install(stand.values)
    with stand.connect() as entrance:
        entrance.await_open()
        assert entrance.read(request.task)["result"] == 5
        (again,) = entrance.submit("demo.add", {"a": 3, "b": 4}).requests
        assert again.task, again.said
        assert entrance.read(again.task, wait=20)["result"] == 7


def _of_release(stand: Stand) -> set[str]:
    return {name for name in objects(stand.cluster.namespace) if not name.partition("/")[2].startswith(OTHERS)}
