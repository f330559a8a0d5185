#!/bin/sh
# Starts the server of this pod: as the primary or as a replica, as the sentinels say.
#
# A server that comes back empty must not be the primary, for its replicas would become as empty as it is. One that the sentinels
# name while it has no data waits until they name another. Nor must one that comes back with what it had be promoted before it has
# followed: after a fall of all, the primary alone may have what was acknowledged last. So whoever is to follow starts after it.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"
. "$SCRIPTS/write-config.sh"

# Seconds after which a server with data no longer waits for a failover that does not come.
patience_for_failover=$((${DOWN_AFTER:?} + ${FAILOVER_TIMEOUT:?}))
began=$(date +%s)

main() {
    mkdir -p "$DATA" "$RUN"
    wait_because "the addresses of the servers' Services are not known yet"
    until all_have_addresses; do sleep 0.3; done
    own=$(address_of "$(host_of "$ordinal")")
    while missing=$(users_without_password) && [ -n "$missing" ]; do
        wait_because "the Secret with the passwords has none for:$missing"
        sleep 0.3
    done
    write_server_config "$own"
    if [ "$servers" -gt 1 ]; then
        decide
        tell_own_sentinel
    else
        primary=$own
    fi
    [ "$primary" = "$own" ] || echo "replicaof $primary $REDIS_PORT" >>"$RUN/redis.conf"
    say "starts; the primary is $primary, this is $own"
    rm -f "$RUN/waiting"
    exec redis-server "$RUN/redis.conf"
}

# Look until it is clear who is the primary.
decide() {
    while :; do
        survey
        if [ "$knowing" -ge "$majority" ] || { [ "$knowing" -gt 0 ] && [ -z "$silent" ]; }; then
            ! may_be "$primary" || return 0
        elif [ "$unknowing" -eq "$servers" ]; then
            primary=$(address_of "$(host_of 0)")
            [ -z "$primary" ] || return 0
        elif [ "$unknowing" -gt 0 ] && [ "$knowing" -eq 0 ]; then
            wait_because "no sentinel knows a primary, and the first start needs the word of all; silent:$silent"
        else
            wait_because "too few sentinels answer to know the primary; silent:$silent"
        fi
        sleep 0.3
    done
}

# Whether we can start with this primary.
may_be() {
    if [ "$1" = "$own" ]; then may_lead; else may_follow "$1"; fi
}

# Another has to run: sentinels promote whoever runs, and of those who have just started they do not know who has most.
may_follow() {
    ! runs "$1" || return 0
    waited_less_than "${WAIT_FOR_PRIMARY:?}" || return 0
    wait_because "the primary $1 does not answer and may know of more than this server, which waits for it ${WAIT_FOR_PRIMARY} s"
    return 1
}

# Ourselves, with data; and while the sentinels are replacing us, only if there is nobody to do it with.
may_lead() {
    if has_data; then
        case $state in *down* | *failover*) ;; *) return 0 ;; esac
        if ! another_runs || ! waited_less_than "$patience_for_failover"; then return 0; fi
        wait_because "the sentinels hold this server for dead and are about to name another primary"
    else
        ! others_are_empty || return 0
        wait_because "the sentinels name this server as the primary and it has no data; they have to name another that has"
    fi
    return 1
}

waited_less_than() {
    [ $(($(date +%s) - began)) -lt "$1" ]
}

runs() {
    is_answer "$(ask "$1" "$REDIS_PORT" PING)"
}

another_runs() {
    for other in $(others); do
        ! runs "$(address_of "$(host_of "$other")")" || return 0
    done
    return 1
}

has_data() {
    [ -n "$(ls -A "$DATA/appendonlydir" 2>/dev/null)" ] || [ -s "$DATA/appendonly.aof" ]
}

# Whether every other server holds nothing: then nothing can be lost by being empty.
others_are_empty() {
    for other in $(others); do
        holds_nothing "$other" || return 1
    done
}

# One that waits for us cannot be asked. It has never run if its sentinel, whose memory is on the same volume, knows of no primary.
holds_nothing() {
    size=$(ask "$(address_of "$(host_of "$1")")" "$REDIS_PORT" DBSIZE)
    if is_answer "$size"; then
        [ "$size" = 0 ]
    else
        ask_sentinel "$1" SENTINEL MASTER "$SERVICE" | grep -q "No such master"
    fi
}

tell_own_sentinel() {
    until ask_sentinel "$ordinal" PING | grep -q PONG; do
        wait_because "its own sentinel does not answer"
        sleep 0.3
    done
    if ask_sentinel "$ordinal" SENTINEL MASTER "$SERVICE" | grep -q "No such master"; then
        sentinel_watch "$primary" | ask_sentinel "$ordinal" >"$RUN/told"
        if grep -v '^OK$' "$RUN/told"; then exit 1; fi
    fi
}

# What the readiness probe tells; said once.
wait_because() {
    [ "$(cat "$RUN/waiting" 2>/dev/null)" = "$1" ] || say "waits: $1"
    echo "$1" >"$RUN/waiting"
}

main
