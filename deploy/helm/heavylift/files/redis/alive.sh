#!/bin/sh
# alive.sh redis|sentinel: whether it answers at all. Any answer counts: a restart helps neither who loads nor a full volume.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

PATIENCE=${ALIVE_PATIENCE:-5}
if [ "$1" = sentinel ]; then
    [ ! -e "$RUN/sentinel-waiting" ] || exit 0
    said=$(ask_sentinel "$ordinal" PING)
else
    [ ! -e "$RUN/waiting" ] || exit 0
    said=$(ask_server PING)
fi
is_answer "$said" || { echo "the $1 gives no answer${said:+: $said}" && exit 1; }
