# shellcheck shell=sh
# Whatever KUBECONFIG names. It is there already, and goes on when we are done.

target_up() {
    kubectl get nodes
}

target_load() {
    echo "images are loaded into nodes of kind only; name a registry that this cluster pulls from: REGISTRY=…" >&2
    exit 1
}

target_down() {
    helm uninstall heavylift --namespace heavylift --wait
}

target_settings() {
    :
}
