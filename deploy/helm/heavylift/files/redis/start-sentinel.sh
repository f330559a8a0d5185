#!/bin/sh
# Starts the sentinel of this pod with what it learned before. It watches nothing until the server of the pod tells it what.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"
. "$SCRIPTS/write-config.sh"

mkdir -p "$DATA" "$RUN"
until own=$(address_of "$(host_of "$ordinal")") && [ -n "$own" ]; do
    say "waits: the address of its own Service is not known yet"
    sleep 1
done
umask 077
sentinel_users >"$RUN/sentinel-users.acl"
sentinel_config "$own" >"$DATA/sentinel.conf.new"
mv "$DATA/sentinel.conf.new" "$DATA/sentinel.conf"
exec redis-server "$DATA/sentinel.conf" --sentinel
