#!/bin/sh
# Whether the server of this pod does its work, and in a sentence why not.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

refuse() {
    echo "$1"
    exit 1
}

[ ! -e "$RUN/waiting" ] || refuse "not started yet: $(cat "$RUN/waiting")"
role=$(ask_server ROLE)
case $role in
master*) ;;
slave*) [ "$(echo "$role" | sed -n 4p)" = connected ] || refuse "this replica has no link to its primary $(echo "$role" | sed -n 2p)" ;;
*) refuse "the server does not answer: $role" ;;
esac
! ask_server INFO persistence | grep -q '^aof_last_write_status:err' || refuse "the append-only file cannot be written: is the volume full?"
