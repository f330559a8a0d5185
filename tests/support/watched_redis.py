"""Three real redis-servers and the three sentinels that watch them, on loopback, started and ended by their process ids."""

import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import redis

from heavylift.local import processes
from tests.support.eventually import eventually
from tests.support.redis_node import Node

SERVICE: Final = "mymaster"
PASSWORD: Final = "sesame"
SENTINEL_PASSWORD: Final = "open"


@dataclass
class WatchedRedis:
    """A primary, two replicas, three sentinels of whom two must agree.

    ``down_after`` is in seconds. ``durable``: each keeps an append-only file, which a kill leaves whole. ``replicas_to_write``:
    fewer than these, and the primary takes no writes. ``locked``: Redis and sentinels ask for passwords.
    """

    folder: Path | None = None
    down_after: float = 0.5
    durable: bool = False
    replicas_to_write: int = 0
    locked: bool = False
    servers: list[Node] = field(default_factory=list)
    sentinels: list[Node] = field(default_factory=list)
    lives: list[Path] = field(default_factory=list)  #: The folder of each life of a server, the latest last.
    _resources: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """What HEAVYLIFT_STORE_URL is to be."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.sentinels)
        return f"redis+sentinel://{f':{PASSWORD}@' if self.locked else ''}{hosts}/{SERVICE}/0"

    def start(self) -> Self:
        """Start everything, and return when each sentinel knows a primary with two replicas."""
        folder = self.folder or Path(self._resources.enter_context(tempfile.TemporaryDirectory()))
        ports = [processes.free_port() for _ in range(3)]
        self.lives = [folder / f"redis-{port}" for port in ports]
        self.servers = [
            Node(port, folder / f"redis-{port}", self._server_lines(port, ports[0]), password=self._password) for port in ports
        ]
        watches = [(processes.free_port(), uuid.uuid4().hex + "0" * 8) for _ in range(3)]
        self.sentinels = [self._sentinel(folder, port, watches, ports) for port, _ in watches]
        for node in (*self.servers, *self.sentinels):
            node.start()
        self.await_whole()
        return self

    def await_whole(self, *, within: float = 30.0) -> None:
        """Until there is one primary, and the other two follow it."""
        eventually(self._followers, holds=(2).__eq__, within=within, claim="two replicas that follow the primary")

    def primary(self) -> Node:
        """The server that a majority of the sentinels calls the primary, and that calls itself so."""
        return eventually(self._primary, within=30, claim="a primary")  # type: ignore[return-value]

    def successor(self, node: Node) -> Node:
        """The primary, once it is another than this one."""
        found = eventually(self._primary, holds=lambda now: now is not None and now is not node, within=30, claim="a successor")
        assert found is not None
        return found

    def kill_primary(self) -> Node:
        """SIGKILL; the server, to be started again."""
        node = self.primary()
        node.end()
        return node

    @contextmanager
    def hanging_primary(self) -> Iterator[Node]:
        """In the body, the server that was the primary has every connection open and says nothing."""
        node = self.primary()
        node.send(signal.SIGSTOP)
        try:
            yield node
        finally:
            node.send(signal.SIGCONT)

    def begin_failover(self) -> None:
        """Have the sentinels make another the primary."""
        eventually(self._begin_failover, within=20, claim="the beginning of a failover")

    def await_word_of_death(self) -> None:
        """Until all sentinels hold the primary for dead."""
        eventually(lambda: [self._state(node) for node in self.sentinels], holds=_all_down, claim="the word of all sentinels")

    def _state(self, sentinel: Node) -> str:
        return str((sentinel.says("SENTINEL", "MASTER", SERVICE) or {}).get("flags"))

    def fail_over(self) -> Node:
        """As a pod does that is asked to leave: writes are held, another becomes the primary, and the server ends.

        Returns it, to be started again.
        """
        node = self.primary()
        node.says("CLIENT", "PAUSE", "10000", "WRITE")
        eventually(lambda: self._all_have(node), within=5, claim="replicas that have all that the primary has taken")
        self.begin_failover()
        self.successor(node)
        node.end(signal.SIGTERM)
        return node

    def revive(self, node: Node) -> None:
        """Start a server that has ended again, without its data, as a replica of whoever is the primary now."""
        node.folder = node.folder.with_name(f"redis-{node.port}-{len(self.lives)}")
        self.lives.append(node.folder)
        node.lines = self._server_lines(node.port, self.primary().port)
        node.start()
        self.await_whole()

    def stop(self) -> None:
        """End everything."""
        for node in (*self.sentinels, *self.servers):
            node.end()
        self._resources.close()

    def _begin_failover(self) -> bool:
        for sentinel in self.sentinels:
            try:
                if sentinel.says("SENTINEL", "FAILOVER", SERVICE):
                    return True
            except redis.ResponseError:  # NOGOODSLAVE, INPROG: not now
                continue
        return False

    def _primary(self) -> Node | None:
        named = [word[1] for node in self.sentinels if (word := node.says("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE))]
        for node in self.servers:
            if named.count(str(node.port)) >= 2 and (role := node.says("ROLE")) and role[0] == "master":
                return node
        return None

    def _all_have(self, primary: Node) -> bool:
        """A replica is called online before it is sent what was written since its copy was made."""
        taken = primary.says("ROLE")[1]
        roles = [role for node in self.servers if node is not primary and (role := node.says("ROLE"))]
        return all(role[0] == "slave" and int(role[4]) >= int(taken) for role in roles)

    def _followers(self) -> int:
        if (primary := self._primary()) is None or (info := primary.says("INFO", "replication")) is None:
            return 0
        return sum(info.get(f"slave{number}", {}).get("state") == "online" for number in range(3))

    @property
    def _password(self) -> str | None:
        return PASSWORD if self.locked else None

    def _server_lines(self, port: int, first: int) -> list[str]:
        durable = ["appendonly yes", "appendfsync everysec", "auto-aof-rewrite-percentage 0", "aof-use-rdb-preamble no"]
        return [
            *('save ""', "loglevel notice", "repl-diskless-sync-delay 0", "repl-ping-replica-period 1", "min-replicas-max-lag 3"),
            f"min-replicas-to-write {self.replicas_to_write}",
            *(durable if self.durable else ()),
            *((f"requirepass {PASSWORD}", f"masterauth {PASSWORD}") if self.locked else ()),
            *((f"replicaof 127.0.0.1 {first}",) if port != first else ()),
        ]

    def _sentinel(self, folder: Path, port: int, watches: list[tuple[int, str]], servers: list[int]) -> Node:
        (myid,) = (id_ for other, id_ in watches if other == port)
        lines = [
            f"sentinel myid {myid}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {servers[0]} 2",
            f"sentinel down-after-milliseconds {SERVICE} {round(self.down_after * 1000)}",
            f"sentinel failover-timeout {SERVICE} 2000",
            f"sentinel parallel-syncs {SERVICE} 2",
            *(f"sentinel known-replica {SERVICE} 127.0.0.1 {other}" for other in servers[1:]),
            *(f"sentinel known-sentinel {SERVICE} 127.0.0.1 {other} {id_}" for other, id_ in watches if other != port),
            *((f"sentinel auth-pass {SERVICE} {PASSWORD}", f"requirepass {SENTINEL_PASSWORD}") if self.locked else ()),
            *((f"sentinel sentinel-pass {SENTINEL_PASSWORD}",) if self.locked else ()),
        ]
        password = SENTINEL_PASSWORD if self.locked else None
        return Node(port, folder / f"sentinel-{port}", lines, ("--sentinel",), password)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _all_down(states: list[str]) -> bool:
    return all("s_down" in state for state in states)
