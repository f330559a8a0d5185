#!/bin/sh
# alive.sh redis|sentinel: whether it answers at all. Any answer counts: a restart helps neither who loads nor a full volume.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

if [ "$1" = sentinel ]; then
    PATIENCE=5 ask_sentinel "$ordinal" PING
else
    [ ! -e "$RUN/waiting" ] || exit 0
    PATIENCE=5 ask_server PING
fi
