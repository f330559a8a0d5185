#!/bin/sh
# Brings a copy back into an empty Redis: a server of its own loads it and hands its keys to the primary.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"
. "$SCRIPTS/write-config.sh"

: "${BACKUPS:=/backup}" "${RESTORE:=latest}"
socket=$RUN/restore.sock

main() {
    copy=$(chosen_copy)
    primary=$(primary_address)
    keys=$(ask "$primary" "$REDIS_PORT" DBSIZE)
    [ "$keys" = 0 ] || refuse "Redis is not empty (it says: $keys). Scale the API and the workers to none and empty it first."
    say "brings $copy back to $primary"
    start_source "$copy"
    hand_over_keys
    arrived=$(ask "$primary" "$REDIS_PORT" DBSIZE)
    from_source SHUTDOWN NOSAVE || :
    [ "$arrived" = "$had" ] || refuse "only $arrived of $had keys arrived."
    say "all $arrived keys are back"
}

refuse() {
    say "$1"
    exit 1
}

chosen_copy() {
    if [ "$RESTORE" = latest ]; then
        found=$(find "$BACKUPS" -name 'heavylift-*.rdb' | sort | tail -n 1)
    else
        found=$BACKUPS/$RESTORE
    fi
    [ -f "$found" ] || refuse "there is no copy $RESTORE in $BACKUPS; there are: $(ls "$BACKUPS")" >&2
    echo "$found"
}

primary_address() {
    if [ "$servers" -gt 1 ]; then
        survey
        [ "$knowing" -ge "$majority" ] || refuse "too few sentinels answer to know the primary; silent:$silent" >&2
        echo "$primary"
    else
        address_of "$HOSTS"
    fi
}

start_source() {
    mkdir -p "$RUN"
    cat >"$RUN/restore.conf" <<END
port 0
unixsocket "$socket"
dir "$BACKUPS"
dbfilename "$(basename "$1")"
save ""
appendonly no
daemonize yes
pidfile "$RUN/restore.pid"
logfile "$RUN/restore.log"
END
    # Keys go to the primary as it is spoken to: with TLS by the setting for clusters, which is what MIGRATE looks at.
    [ "$TLS" = no ] || { ports 0 | grep -v '^port\|^tls-port' && echo "tls-cluster yes"; } >>"$RUN/restore.conf"
    redis-server "$RUN/restore.conf" >/dev/null
    until from_source PING 2>/dev/null | grep -q PONG; do
        pgrep_source || refuse "the copy cannot be read: $(tail -n 3 "$RUN/restore.log")"
        sleep 0.2
    done
    had=$(from_source DBSIZE)
}

pgrep_source() {
    ! grep -q 'Fatal\|Wrong signature\|Terminating' "$RUN/restore.log"
}

from_source() {
    redis-cli -s "$socket" "$@"
}

# In portions, since each holds up the primary for as long as it takes. Names of keys are quoted by redis-cli, and taken so by it.
hand_over_keys() {
    secret=$(quoted "$(password operator)")
    from_source --no-raw --scan | while portion=$(next_portion) && [ -n "$portion" ]; do
        printf 'MIGRATE %s %s "" 0 60000 COPY AUTH2 operator %s KEYS %s\n' "$primary" "$REDIS_PORT" "$secret" "$portion"
    done | from_source | grep -v '^OK$\|^NOKEY$\|^$' || return 0
    refuse "not all keys could be handed over; the lines above say why."
}

next_portion() {
    head_count=0
    while [ "$head_count" -lt 100 ] && read -r key; do
        printf '%s ' "$key"
        head_count=$((head_count + 1))
    done
}

main
