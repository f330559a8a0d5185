#!/bin/sh
# A Kubernetes to try Heavylift on, and Heavylift on it. Each verb may be said again at any time.
# Usage: deploy/kind/run.sh up|load|deploy|down|settings, from the repository's root.
#
#   TARGET   kind: a cluster in Docker on this machine. cluster: the one that $CLUSTER starts. existing: what KUBECONFIG names.
#   TAG      Tag of the images in .images, as `make images` made them.
#   ARCHIVES Further archives of images to load.
#   REGISTRY Where images are pushed to and pulled from, instead of being loaded into nodes; needs docker or buildah.
#   OPTIONS  Further options for `helm upgrade`.
set -eu

# shellcheck source=/dev/null
. "deploy/kind/targets/${TARGET:-kind}.sh"

up() {
    target_up
    settings >&2
}

load() {
    if [ -n "${REGISTRY:-}" ]; then
        for archive in .images/*-"$TAG".tar; do push "$archive"; done
    else
        # shellcheck disable=SC2086  # several, divided by spaces
        target_load .images/*-"$TAG".tar ${ARCHIVES:-}
    fi
}

push() {
    service=$(basename "$1" "-$TAG.tar")
    if command -v buildah >/dev/null 2>&1; then
        buildah push "docker.io/heavylift/$service:$TAG" "docker://$REGISTRY/heavylift/$service:$TAG"
    else
        docker tag "heavylift/$service:$TAG" "$REGISTRY/heavylift/$service:$TAG"
        docker push "$REGISTRY/heavylift/$service:$TAG"
    fi
}

deploy() {
    eval "$(target_settings)"
    # shellcheck disable=SC2086
    helm upgrade --install heavylift deploy/helm/heavylift --namespace heavylift --create-namespace \
        --values deploy/kind/values.yaml --set "api.image.tag=$TAG,worker.image.tag=$TAG,autoscaler.image.tag=$TAG,scheduler.image.tag=$TAG" \
        ${REGISTRY:+--set "api.image.registry=$REGISTRY,worker.image.registry=$REGISTRY,autoscaler.image.registry=$REGISTRY,scheduler.image.registry=$REGISTRY"} --wait --timeout 5m ${OPTIONS:-}
}

down() {
    target_down
}

# Lines for `eval`: how kubectl and helm get there.
settings() {
    target_settings
}

case ${1:-} in
    up | load | deploy | down | settings) "$1" ;;
    *) sed -n 's/^# \{0,1\}//p' "$0" | sed -n '2,9p' >&2 && exit 2 ;;
esac
