#!/bin/sh
# Before the server of this pod is stopped: if it is the primary, another takes its place first.
#
# The sentinels tell the old primary ten seconds late that it is one no more. Until then it would take writes that are lost, so they
# are held back from the beginning; whoever waits is sent to the new primary when this one closes their connection.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

: "${HAND_OVER:=40}" # seconds, well within the grace of the pod

main() {
    [ "$(ask_server ROLE | head -n 1)" = master ] || exit 0
    own=$(address_of "$(host_of "$ordinal")")
    ends=$(($(date +%s) + HAND_OVER))
    ask_server CLIENT PAUSE $((HAND_OVER * 1000)) WRITE >/dev/null
    asked=$ordinal
    while [ "$(date +%s)" -lt "$ends" ]; do
        ask_for_failover
        ! handed_over || exit 0
    done
    echo "no other server took over within $HAND_OVER s" >&2
}

# One sentinel at a time, for two would begin two failovers; and one of another pod, for ours is told to end, too.
ask_for_failover() {
    asked=$(((asked + 1) % servers))
    [ "$asked" -ne "$ordinal" ] || asked=$(((asked + 1) % servers))
    ask_sentinel "$asked" SENTINEL FAILOVER "$SERVICE" >/dev/null
}

# Wait for a sentinel to name another primary; three seconds are twice what a failover takes.
handed_over() {
    for _ in $(seq 30); do
        case $(ask_sentinel "$asked" SENTINEL GET-MASTER-ADDR-BY-NAME "$SERVICE" | head -n 1) in
        "$own") ;;
        *.*.*.* | *:*:*) return 0 ;;
        *) return 1 ;;
        esac
        sleep 0.1
    done
    return 1
}

main
