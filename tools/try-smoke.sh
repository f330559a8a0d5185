#!/bin/sh
# Runs `make e2e-smoke` on a real cluster where one can be had in time, and says in one line what came of it.
# Usage: tools/try-smoke.sh SECONDS, within which all of it must be over.
#
# Only tests that fail twice fail it. That no cluster can be had, or that the machine is too slow, is said and is no failure.
#
#   CLUSTER       The program that starts a cluster; needs root. It compiles Kubernetes when that was never done on this machine.
#   CLUSTER_HOME  Where that program keeps what it has made.
#   PREPARING     Seconds for a cluster to be there: seconds where Kubernetes is compiled, half an hour where not.
#   TESTING       Seconds for the tests: images are built, everything is installed, and the tests themselves take four minutes.
set -eu

left=$1
preparing=${PREPARING:-1800}
testing=${TESTING:-1200}
program=${CLUSTER:-../shared/cluster/cluster}
home=${CLUSTER_HOME:-/var/lib/testcluster}
make=${MAKE:-make}
log=.bench/e2e/cluster.log

main() {
    [ -x "$program" ] || leave_out "there is no program at $program that starts a cluster"
    [ "$(id -u)" = 0 ] || leave_out "starting a cluster needs root"
    [ ! -e "$home/state/admin.kubeconfig" ] || leave_out "a cluster runs already, which somebody else may need"
    [ "$left" -ge $((testing + 300)) ] || leave_out "only $left s are left"
    [ $((left - testing)) -ge "$preparing" ] || preparing=$((left - testing))

    mkdir -p "$(dirname "$log")"
    trap 'timeout -k 10 120 "$make" down TARGET=cluster CLUSTER="$program" >>"$log" 2>&1 || :' EXIT
    say "starts a cluster, for $preparing s at most"
    within "$preparing" up >"$log" 2>&1 || leave_out "no cluster could be had within $preparing s; $log ends with: $(tail -n 1 "$log")"
    say "there is a cluster after $(passed) s"

    ends=$(($(date +%s) + testing))
    smoke || smoke --last-failed || fail
    say "passed after $(passed) s"
}

began=$(date +%s)
passed() {
    echo $(($(date +%s) - began))
}

say() {
    echo "e2e-smoke: $*"
}

leave_out() {
    say "left out: $*"
    exit 0
}

fail() {
    say "failed twice; logs and events are in .bench/e2e/failed"
    exit 1
}

# within SECONDS VERB [ARGUMENT ...]
within() {
    limit=$1
    shift
    timeout -k 30 "$limit" "$make" "$@" TARGET=cluster CLUSTER="$program"
}

smoke() {
    limit=$((ends - $(date +%s)))
    [ "$limit" -gt 0 ] || leave_out "the tests were not over within $testing s"
    status=0
    within "$limit" e2e-smoke OPTIONS="$*" || status=$?
    case $status in
    0) return 0 ;;
    124 | 137) leave_out "the tests were not over within $testing s" ;;
    *) return 1 ;;
    esac
}

main
