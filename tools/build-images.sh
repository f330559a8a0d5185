#!/bin/sh
# Builds images with buildah or docker, whichever is there, and keeps each as an archive that any cluster can load.
# Usage: tools/build-images.sh FOLDER TAG SERVICE...
# BUILDER=docker|buildah decides when both are there, BASE names another Python image, such as one pinned by its digest, and NETWORK=host
# lets Docker build where its own network has no way out, as buildah does by itself.
set -eu

folder=$1
tag=$2
shift 2

find_builder() {
    if command -v buildah >/dev/null 2>&1; then
        echo buildah
    elif docker info >/dev/null 2>&1; then
        echo docker
    else
        echo "images are built with buildah or docker, and neither is here; on Debian: apt install buildah" >&2
        exit 1
    fi
}

revision() {
    git describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || echo unknown
}

# Time is left out, so that the same sources make the same image, layer by layer, today and tomorrow.
build() {
    service=$1
    set -- --file deploy/images/Dockerfile --target "$service" --tag "docker.io/heavylift/$service:$tag" \
        --build-arg "SERVICE=$service" --build-arg "VERSION=$tag" --build-arg "REVISION=$(revision)" ${BASE:+--build-arg "BASE=$BASE"} .
    case $builder in
        buildah) buildah build --quiet --isolation chroot --network host --layers --timestamp 0 "$@" >/dev/null ;;
        docker) docker build --quiet ${NETWORK:+--network "$NETWORK"} --build-arg SOURCE_DATE_EPOCH=0 "$@" >/dev/null ;;
    esac
}

archive() {
    image=docker.io/heavylift/$1:$tag
    archive=$folder/$1-$tag.tar
    rm -f "$archive"
    case $builder in
        buildah) buildah push --quiet "$image" "docker-archive:$archive:$image" ;;
        docker) docker save --output "$archive" "$image" ;;
    esac
    echo "$archive"
}

builder=${BUILDER:-$(find_builder)}
mkdir -p "$folder"
for service in "$@"; do
    build "$service"
    archive "$service"
done
