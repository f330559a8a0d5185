#!/bin/sh
# Starts the sentinel of this pod with what it learned before. It watches nothing until the server of the pod tells it what.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"
. "$SCRIPTS/write-config.sh"

mkdir -p "$DATA" "$RUN"
# The server of the pod, which waits for the same, says for what.
touch "$RUN/sentinel-waiting"
until all_have_addresses && [ -z "$(users_without_password)" ]; do sleep 0.3; done
own=$(address_of "$(host_of "$ordinal")")
rm "$RUN/sentinel-waiting"
umask 077
sentinel_users >"$RUN/sentinel-users.acl"
note_addresses
sentinel_config "$own" >"$DATA/sentinel.conf.new"
mv "$DATA/sentinel.conf.new" "$DATA/sentinel.conf"
cp "$RUN/addresses" "$DATA/addresses.new"
mv "$DATA/addresses.new" "$DATA/addresses"
exec redis-server "$DATA/sentinel.conf" --sentinel
