#!/bin/sh
# Makes a virtual environment hold exactly what uv.lock says. Usage: tools/setup.sh PYTHON ENVIRONMENT [OPTION-OF-UV-SYNC...]
set -eu

python=$1
environment=$2
shift 2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found=$("$python" --version 2>&1) || found="not there"
    echo "Heavylift needs Python 3.11 or later, and $python is $found; name another with: make setup PYTHON=python3.13" >&2
    exit 1
fi

uv=$(tools/find-uv.sh "$python")
echo "setting up $environment with $("$python" --version)" >&2
UV_PROJECT_ENVIRONMENT=$environment UV_PYTHON_DOWNLOADS=never "$uv" sync --quiet --frozen --python "$python" "$@"
touch "$environment/.ready"
