# shellcheck shell=sh
# A Kubernetes of several nodes that needs neither Docker nor a registry, where somebody has put the program that starts one.

CLUSTER=${CLUSTER:-../shared/cluster/cluster}

target_up() {
    # It asks for kernel modules by this program, and is content where they are built in.
    command -v modprobe >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends kmod >/dev/null; }
    "$CLUSTER" up --nodes 3
    "$CLUSTER" images python redis
    "$CLUSTER" addon ingress network-policy
}

target_load() {
    # Its nodes cannot pull, so what the chart takes from others comes along.
    "$CLUSTER" load "$@" "$("$CLUSTER" images redis 2>&1 | sed -n 's/^docker.io\/library\/redis.* is //p')"
}

target_down() {
    "$CLUSTER" down
}

target_settings() {
    "$CLUSTER" env
}
