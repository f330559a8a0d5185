#!/bin/sh
# Before the server of this pod is stopped: if it is the primary, another takes its place first.
#
# The sentinels tell the old primary ten seconds late that it is one no more. Until then it would take writes that are lost, so they
# are held back from the beginning; whoever waits is sent to the new primary by closing their connection, once that takes writes.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

: "${HAND_OVER:=40}"  # seconds for it all, well within the grace of the pod
: "${SETTLING:=15}"   # seconds for replicas to be seen as such: sentinels look every ten
HAPROXY_LOOKS=0.4  # seconds: until it has looked, which it does every 0.3, it leads those who are sent away back here

main() {
    role=$(ask_server ROLE)
    [ "$(line 1 "$role")" = master ] || exit 0
    own=$(address_of "$(host_of "$ordinal")")
    within "$SETTLING" replicas_are_settled || echo "hands over although not all replicas follow" >&2
    deputy=$(others | head -n 1)
    let_deputy_look
    within 2 deputy_looked_before 300 || :
    ask_server CLIENT PAUSE $((HAND_OVER * 1000)) WRITE >/dev/null
    within 2 replicas_have_all || echo "hands over although not all replicas have everything" >&2
    within 2 deputy_looked_before 700 || :
    if within "$HAND_OVER" handed_over_or_alone; then
        within 2 successor_takes_writes || echo "the new primary has too few replicas to take writes yet" >&2
        [ "$HAPROXY" = no ] || sleep "$HAPROXY_LOOKS"
        ask_server CLIENT KILL TYPE normal >/dev/null
        ask_server CLIENT KILL TYPE pubsub >/dev/null
    else
        echo "no other server took over within $HAND_OVER s" >&2
    fi
}

# within SECONDS COMMAND [ARGUMENT ...]: run it until it succeeds; fails when it has not by then. In a shell of its own, as one calls
# another.
within() (
    ends=$(($(date +%s) + $1))
    shift
    while ! "$@"; do
        [ "$(date +%s)" -lt "$ends" ] || exit 1
        sleep 0.05
    done
)

line() {
    printf '%s\n' "$2" | sed -n "$1p"
}

# Whether the sentinels see every replica that lives follow the primary. They would promote one that does not: of the last ten
# seconds they know nothing, and one that was a primary until then may know of more writes than the others.
replicas_are_settled() {
    for other in $(others); do
        [ -z "$(ask_sentinel "$other" SENTINEL REPLICAS "$SERVICE" | unsettled)" ] || return 1
    done
}

unsettled() {
    while read -r name && read -r value; do
        case $name=$value in
        flags=*down* | flags=*disconnected*) lives=no ;;
        flags=*) lives=yes ;;
        role-reported=slave | master-link-status=ok) ;;
        role-reported=* | master-link-status=*) [ "$lives" = no ] || echo "$value" ;;
        esac
    done
}

# Whether every replica that answers has got all that this server has taken.
replicas_have_all() {
    taken=$(line 2 "$(ask_server ROLE)")
    for other in $(others); do
        role=$(ask "$(address_of "$(host_of "$other")")" "$REDIS_PORT" ROLE)
        [ "$(line 1 "$role")" != slave ] || [ "$(line 5 "$role")" -ge "$taken" ] || return 1
    done
}

# A sentinel that fails over tells a replica to be the primary after a quarter of a second, and looks whether it is a second after it
# looked last. So the sentinel that is asked first looks now, and is asked when the next look comes just after the telling: writers
# wait for half a second and not for one and a half.
let_deputy_look() {
    ask_sentinel "$deputy" SENTINEL DEBUG INFO-PERIOD 50 >/dev/null
    sleep 0.2
    ask_sentinel "$deputy" SENTINEL DEBUG INFO-PERIOD 10000 >/dev/null # as it was
}

# Whether it has not looked for so many milliseconds.
deputy_looked_before() {
    ago=$(field info-refresh "$(ask_sentinel "$deputy" SENTINEL REPLICAS "$SERVICE")" | sort -n | tail -n 1)
    [ "${ago:-$1}" -ge "$1" ]
}

# When the others are being stopped, too, as when everything is removed, nobody is left to take over.
handed_over_or_alone() {
    handed_over || ! another_sentinel_answers
}

another_sentinel_answers() {
    for other in $(others); do
        ! ask_sentinel "$other" PING | grep -q PONG || return 0
    done
    return 1
}

# Ask a sentinel for a failover, and wait for it to name another primary; three seconds are twice what it takes. One sentinel at a
# time, for two would begin two failovers; and those of other pods, for ours is told to end, too. One that refuses, as it has not
# looked at the replicas lately, is not waited for.
handed_over() {
    for asked in $(others); do
        patience=0
        [ "$(ask_sentinel "$asked" SENTINEL FAILOVER "$SERVICE")" != OK ] || patience=3
        ! within "$patience" another_is_named || return 0
    done
    return 1
}

another_is_named() {
    case $(named_by "$asked") in
    "$own") return 1 ;;
    *.*.*.* | *:*:*) return 0 ;;
    *) return 1 ;;
    esac
}

named_by() {
    ask_sentinel "$1" SENTINEL GET-MASTER-ADDR-BY-NAME "$SERVICE" | head -n 1
}

# Whether the others agree on another, and enough replicas follow it: before that it would refuse who comes.
successor_takes_writes() {
    named=$(for other in $(others); do named_by "$other"; done | grep -x '[0-9a-f]*[.:][0-9a-f.:]*' | sort -u)
    [ "$(echo "$named" | wc -w)" = 1 ] && [ "$named" != "$own" ] || return 1
    following=$(ask "$named" "$REDIS_PORT" INFO replication | tr -d '\r' | sed -n 's/^min_slaves_good_slaves://p')
    [ "${following:-0}" -ge "${MIN_REPLICAS_TO_WRITE:?}" ]
}

main
