#!/bin/sh
# Before the server of this pod is stopped: if it is the primary, another takes its place first.
#
# The sentinels tell the old primary ten seconds late that it is one no more. Until then it would take writes that are lost, so they
# are held back from the beginning; whoever waits is sent to the new primary when this one closes their connection.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

: "${HAND_OVER:=40}" # seconds, well within the grace of the pod

[ "$(ask_server ROLE | head -n 1)" = master ] || exit 0
own=$(address_of "$(host_of "$ordinal")")
ask_server CLIENT PAUSE $((HAND_OVER * 1000)) WRITE >/dev/null

# Whether a sentinel of another pod, for ours may be gone already, names another primary by now; asked to choose one if not.
handed_over() {
    number=0
    while [ "$number" -lt "$servers" ]; do
        [ "$number" -eq "$ordinal" ] || {
            case $(ask_sentinel "$number" SENTINEL GET-MASTER-ADDR-BY-NAME "$SERVICE" | head -n 1) in
            "$own") ask_sentinel "$number" SENTINEL FAILOVER "$SERVICE" >/dev/null ;;
            *.*.*.* | *:*:*) return 0 ;;
            esac
        }
        number=$((number + 1))
    done
    return 1
}

ends=$(($(date +%s) + HAND_OVER))
until handed_over; do
    if [ "$(date +%s)" -ge "$ends" ]; then
        echo "no other server could take over within $HAND_OVER s" >&2
        exit 0
    fi
    sleep 0.1
done
