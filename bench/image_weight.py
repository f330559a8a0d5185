"""What the images of ``make images`` weigh, and what fills them: ``python -m bench.image_weight .images/*.tar``."""

import gzip
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

_PACKAGES: Final = "site-packages/"
_SHOWN: Final = 8
_MB: Final = 1_000_000


def main(archives: Sequence[str]) -> None:
    """Print a line for each layer of each image, and the packages that weigh most in the last."""
    for name in archives:
        with tarfile.open(name) as archive:
            layers = _layers(archive)
            print(f"{Path(name).name}: {sum(layer.size for layer in layers) / _MB:.0f} MB in {len(layers)} layers")
            for layer in layers:
                print(f"  {_describe(archive, layer)}")


def _layers(archive: tarfile.TarFile) -> list[tarfile.TarInfo]:
    manifest = json.load(_opened(archive, archive.getmember("manifest.json")))
    return [archive.getmember(path) for path in manifest[0]["Layers"]]


def _describe(archive: tarfile.TarFile, layer: tarfile.TarInfo) -> str:
    compressed = len(gzip.compress(_opened(archive, layer).read(), compresslevel=6))
    with tarfile.open(fileobj=_opened(archive, layer)) as files:
        heaviest = _by_package(files).most_common(_SHOWN)
    packages = ", ".join(f"{package} {size / _MB:.1f}" for package, size in heaviest)
    return f"{layer.size / _MB:.0f} MB, {compressed / _MB:.0f} MB compressed; {packages or 'no packages'}"


def _by_package(files: tarfile.TarFile) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for file in files:
        where, found, rest = file.name.partition(_PACKAGES)
        if found and "heavylift/" in where:
            sizes[rest.partition("/")[0]] += file.size
    return sizes


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    assert file is not None, f"{member.name} is no file"  # noqa: S101  manifests name files
    return file


if __name__ == "__main__":
    main(sys.argv[1:])
