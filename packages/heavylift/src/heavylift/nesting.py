"""How deep JSON may be nested."""

from typing import Any, Final

DEEPEST: Final = 128  #: Levels, the object of a whole body included. Parsers further on have limits of their own, from about 200.


def is_too_deep(member: Any) -> bool:
    """Whether a value that is a member of an object has more levels than there may be below it."""
    level = [member]
    for _ in range(DEEPEST - 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
