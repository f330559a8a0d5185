"""The one folder in which a worker reads and writes pictures."""

import secrets
from pathlib import Path
from typing import BinaryIO

from heavylift import PermanentError


class PictureFolder:
    """Paths come from whoever may submit, so none of them leads out of the folder; without a folder there are no paths."""

    def __init__(self, root: Path | None) -> None:
        self._root = root.resolve() if root is not None else None

    def open(self, path: str) -> BinaryIO:
        """The file at ``path``. Raises PermanentError when there is none."""
        try:
            return self._locate(path).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise PermanentError(f"there is no file {path!r} in the folder of pictures") from None

    def write_beside(self, path: str, suffix: str, data: bytes) -> str:
        """Write ``data`` beside ``path``, as its name with ``suffix`` for an ending, and return that path.

        The file appears whole or not at all: a second worker with the same task overwrites like with like.
        """
        source = self._locate(path)
        target = source.with_name(f"{source.stem}{suffix}")
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            partial.write_bytes(data)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return str(Path(path).with_name(target.name))

    def _locate(self, path: str) -> Path:
        if self._root is None:
            raise PermanentError("this worker has no folder of pictures; set HEAVYLIFT_IMAGE_FOLDER, or send the picture as data")
        located = (self._root / path).resolve()
        if not located.is_relative_to(self._root):
            raise PermanentError(f"the path {path!r} leads out of the folder of pictures")
        return located
