# shellcheck shell=sh
# kind: nodes that are containers of Docker. NODE_IMAGE is another image for them than the one that kind takes by itself.

kubeconfig=$PWD/.images/kind.kubeconfig

target_up() {
    mkdir -p .images
    if kind get clusters 2>/dev/null | grep -qx heavylift; then
        kind export kubeconfig --quiet --name heavylift --kubeconfig "$kubeconfig"
    else
        kind create cluster --name heavylift --config deploy/kind/cluster.yaml --kubeconfig "$kubeconfig" --wait 120s \
            ${NODE_IMAGE:+--image "$NODE_IMAGE"}
    fi
}

target_load() {
    for archive in "$@"; do
        kind load image-archive --name heavylift "$archive"
    done
}

target_down() {
    kind delete cluster --name heavylift --kubeconfig "$kubeconfig"
}

target_settings() {
    echo "export KUBECONFIG='$kubeconfig'"
}
