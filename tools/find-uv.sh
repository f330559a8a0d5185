#!/bin/sh
# Prints the path of a uv that is new enough: the machine's, or one that is fetched from PyPI into .tools.
# Usage: tools/find-uv.sh PYTHON
set -eu

python=$1
oldest=0.9

new_enough() {
    version=$("$1" --version 2>/dev/null | cut -d ' ' -f 2) && [ -n "$version" ] &&
        [ "$(printf '%s\n%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ]
}

fetch() {
    echo "fetching uv from PyPI" >&2
    # Debian ships Python without venv and without pip, in any combination; either is enough.
    rm -rf .tools
    if "$python" -m venv .tools >/dev/null 2>&1; then
        .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=$oldest" >&2
    elif "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf .tools
        "$python" -m pip install --quiet --disable-pip-version-check --target .tools "uv>=$oldest" >&2
    else
        rm -rf .tools
        echo "$python can neither make a virtual environment nor run pip, so uv cannot be fetched; on Debian: apt install python3-venv" >&2
        exit 1
    fi
}

for uv in uv .tools/bin/uv; do
    if new_enough "$uv"; then
        command -v "$uv"
        exit
    fi
done
fetch
if ! new_enough .tools/bin/uv; then
    echo "uv could not be fetched from PyPI; the lines above say why" >&2
    exit 1
fi
echo .tools/bin/uv
