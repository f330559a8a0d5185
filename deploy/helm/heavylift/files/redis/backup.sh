#!/bin/sh
# Copies all data to the folder of backups, from a replica where there is one, and keeps the newest copies.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

: "${BACKUPS:=/backup}"

main() {
    from=$(source_of_backup)
    copy=$BACKUPS/heavylift-$(date -u +%Y%m%dT%H%M%SZ).rdb
    say "copies $from to $copy"
    PATIENCE=${BACKUP_PATIENCE:-3600} ask "$(address_of "$from")" "$REDIS_PORT" --rdb "$copy.part" | grep 'finished with success' || {
        rm -f "$copy.part"
        say "the copy did not come to an end; nothing was kept"
        exit 1
    }
    mv "$copy.part" "$copy"
    forget_old
    say "$(find "$BACKUPS" -name 'heavylift-*.rdb' | wc -l) copies, the newest of $(wc -c <"$copy") bytes"
}

# A replica that follows, or else whoever answers: the work of copying is not for the primary.
source_of_backup() {
    any=''
    for host in $HOSTS; do
        role=$(ask "$(address_of "$host")" "$REDIS_PORT" ROLE)
        case $role in
        master*) any=$host ;;
        slave*connected*) echo "$host" && return ;;
        esac
    done
    [ -n "$any" ] || { say "no server answers" >&2 && exit 1; }
    echo "$any"
}

forget_old() {
    find "$BACKUPS" -name 'heavylift-*.rdb' | sort -r | tail -n +$((${KEEP:?} + 1)) | while read -r old; do
        rm -f "$old"
    done
}

main
