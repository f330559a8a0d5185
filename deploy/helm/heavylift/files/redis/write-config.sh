# shellcheck shell=sh
# Sourced after talk.sh: the configuration of a server and of a sentinel. Passwords are in memory only, for `run` is.

# A text in quotes, as configuration files and standard input of redis-cli take it.
quoted() {
    printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"
}

# The hashes by which a list of users knows passwords: the user's, and a second one that is taken while it is being changed.
hashed() {
    for key in "$1" "$1-also"; do
        [ ! -s "$PASSWORDS/$key" ] || printf '#%s ' "$(printf %s "$(password "$key")" | sha256sum | cut -d ' ' -f 1)"
    done
}

ports() {
    if [ "$TLS" = no ]; then
        echo "port $1"
    else
        cat <<END
port 0
tls-port $1
tls-cert-file "$CERTIFICATES/tls.crt"
tls-key-file "$CERTIFICATES/tls.key"
tls-ca-cert-file "$CERTIFICATES/ca.crt"
tls-replication yes
tls-auth-clients no
END
    fi
}

# write_server_config ADDRESS
write_server_config() {
    (umask 077 && server_users >"$RUN/users.acl" && server_config "$1" >"$RUN/redis.conf")
}

server_config() {
    cat <<END
bind ${BIND:-* -::*}
$(ports "$REDIS_PORT")
protected-mode no
dir "$DATA"
appendonly yes
appendfsync everysec
save ""
maxmemory ${MAX_MEMORY:?}
maxmemory-policy noeviction
min-replicas-to-write ${MIN_REPLICAS_TO_WRITE:?}
min-replicas-max-lag ${MIN_REPLICAS_MAX_LAG:?}
repl-diskless-sync-delay 1
repl-backlog-size 64mb
replica-announce-ip $1
replica-announce-port $REDIS_PORT
masteruser replica
masterauth $(quoted "$(password replica)")
aclfile "$RUN/users.acl"
include "$SCRIPTS/extra.conf"
END
}

# Those who submit and run tasks may do what scripts do to keys of their own; nobody of them can delete the rest.
# The default user may do all and nobody can be it: as that user Redis reads its own append-only file, and without the right to a
# command it leaves out, with no more than a line in the log, every transaction with it, and so whatever scripts wrote.
server_users() {
    own="~${NAMESPACE:?}:* &*"
    cat <<END
user default off resetpass ~* &* +@all
user api on $(hashed api) $own $CLIENT_COMMANDS
user worker on $(hashed worker) $own $CLIENT_COMMANDS
user replica on $(hashed replica) +psync +replconf +ping
user sentinel on $(hashed sentinel) &* $SENTINEL_COMMANDS
user operator on $(hashed operator) ~* &* +@all
END
    for user in autoscaler scheduler; do
        [ ! -s "$PASSWORDS/$user" ] || echo "user $user on $(hashed $user) $own $CLIENT_COMMANDS"
    done
    [ "$HAPROXY" = no ] || echo "user haproxy on $(hashed haproxy) +ping +role"
}

# What clients say of themselves (client|setinfo) comes with @connection; a server that does not know a command does not start.
CLIENT_COMMANDS="+@read +@write +@pubsub +@connection +@scripting +@transaction -@admin -@dangerous -function -script"
CLIENT_COMMANDS="$CLIENT_COMMANDS +script|load +script|exists +info +role +time +wait +client|setname +client|id"
SENTINEL_COMMANDS="+multi +exec +slaveof +replicaof +ping +info +role +publish +subscribe +config|rewrite +client|setname"
SENTINEL_COMMANDS="$SENTINEL_COMMANDS +client|kill +script|kill"

# sentinel_config ADDRESS: what it learned before is kept, what is set is set anew.
sentinel_config() {
    cat <<END
bind ${BIND:-* -::*}
$(ports "$SENTINEL_PORT")
protected-mode no
dir "$DATA"
aclfile "$RUN/sentinel-users.acl"
sentinel myid $(printf %s "$POD_NAME" | sha1sum | cut -d ' ' -f 1)
sentinel announce-ip $1
sentinel announce-port $SENTINEL_PORT
sentinel sentinel-user sentinel
sentinel sentinel-pass $(quoted "$(password sentinel)")
END
    # shellcheck disable=SC2154  # talk.sh sets it
    if remembered monitor | sed "s/ [0-9]*$/ $majority/" | grep .; then
        sentinel_settings | sed 's/^/sentinel /'
        remembered 'config-epoch|leader-epoch|known-replica|known-sentinel'
    fi
    remembered current-epoch
}

# With the addresses of now: those of Services that were made anew are others, and who is where stays as it was.
remembered() {
    grep -E "^sentinel ($1) " "$DATA/sentinel.conf" 2>/dev/null | sed -f "$RUN/moved.sed" || :
}

# Write down where all servers are, and as a script for sed where they have moved to since that was last kept; in two steps, as one may
# have the address that was another's.
note_addresses() {
    for host in $HOSTS; do
        echo "$host $(address_of "$host")"
    done >"$RUN/addresses"
    touch "$DATA/addresses"
    while read -r host address; do echo "s/ $(escaped "$address") / @$host@ /"; done <"$DATA/addresses" >"$RUN/moved.sed"
    while read -r host address; do echo "s/ @$host@ / $address /"; done <"$RUN/addresses" >>"$RUN/moved.sed"
}

escaped() {
    echo "$1" | sed 's/[.]/[.]/g'
}

# The settings of what is watched, without the word that stands before them.
# shellcheck disable=SC2153  # SERVICE is set outside
sentinel_settings() {
    cat <<END
down-after-milliseconds $SERVICE $((${DOWN_AFTER:?} * 1000))
failover-timeout $SERVICE $((${FAILOVER_TIMEOUT:?} * 1000))
parallel-syncs $SERVICE 1
auth-user $SERVICE sentinel
auth-pass $SERVICE $(quoted "$(password sentinel)")
END
}

# sentinel_watch ADDRESS: commands that make a sentinel watch that primary.
sentinel_watch() {
    echo "SENTINEL MONITOR $SERVICE $1 $REDIS_PORT $majority"
    sentinel_settings | while read -r option service value; do
        printf 'SENTINEL SET %s %s %s\n' "$service" "$option" "$value" # echo would take \ for its own
    done
}

sentinel_users() {
    cat <<END
user default off
user api on $(hashed api) $ASKING_COMMANDS
user worker on $(hashed worker) $ASKING_COMMANDS
user sentinel on $(hashed sentinel) &* +ping +publish +subscribe +client|setname +sentinel|is-master-down-by-addr
user operator on $(hashed operator) ~* &* +@all
END
    for user in autoscaler scheduler; do
        [ ! -s "$PASSWORDS/$user" ] || echo "user $user on $(hashed $user) $ASKING_COMMANDS"
    done
    [ "$HAPROXY" = no ] || echo "user haproxy on $(hashed haproxy) +ping +sentinel|get-master-addr-by-name"
}

ASKING_COMMANDS="&* +@connection -@admin -@dangerous +client|setname +role +subscribe +psubscribe +unsubscribe +punsubscribe"
ASKING_COMMANDS="$ASKING_COMMANDS +sentinel|get-master-addr-by-name +sentinel|master +sentinel|masters +sentinel|sentinels"
ASKING_COMMANDS="$ASKING_COMMANDS +sentinel|replicas"
