# shellcheck shell=sh
# Sourced by the others: who is where, and how to speak with the servers and the sentinels.
# HOSTS are the names of all servers by their ordinal, SERVICE is what the sentinels call them.

: "${DATA:=/data}" "${RUN:=/run/redis}" "${SCRIPTS:=/scripts}" "${PASSWORDS:=/passwords}"
: "${TLS:=no}" "${CERTIFICATES:=/tls}" "${HAPROXY:=no}"
: "${LOCAL:=127.0.0.1}" "${REDIS_PORT:=6379}" "${SENTINEL_PORT:=26379}"

ordinal=${POD_NAME##*-}
servers=$(echo "$HOSTS" | wc -w)
# shellcheck disable=SC2034  # those that source this use it
majority=$((servers / 2 + 1))

say() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
}

# The word of that number in HOSTS.
host_of() {
    echo "$HOSTS" | cut -d ' ' -f $(($1 + 1))
}

# The address that outlives pods, that of the server's Service. Kubernetes tells it to pods by a variable, which needs no DNS;
# pods that were made in the same moment as the Service have none.
address_of() {
    printenv "$(echo "$1" | tr 'a-z.-' 'A-Z__')_SERVICE_HOST" || getent hosts "$1" | cut -d ' ' -f 1
}

# The numbers of the other pods.
others() {
    seq 0 $((servers - 1)) | grep -vx "$ordinal"
}

all_have_addresses() {
    for host in $HOSTS; do
        [ -n "$(address_of "$host")" ] || return 1
    done
}

password() {
    cat "$PASSWORDS/$1"
}

# The users that the Secret has no password for: written down so, they would let in whoever gives an empty one.
users_without_password() {
    for user in api worker replica sentinel operator $([ "$HAPROXY" = no ] || echo haproxy); do
        [ -s "$PASSWORDS/$user" ] || printf ' %s' "$user"
    done
}

# ask HOST PORT [COMMAND ...]: the answer to a command, or to those on standard input; what went wrong instead, if something did.
ask() {
    host=$1 port=$2
    shift 2
    [ "$TLS" = no ] || set -- --tls --cacert "$CERTIFICATES/ca.crt" "$@"
    REDISCLI_AUTH=$(password operator) timeout "${PATIENCE:-2}" redis-cli -h "$host" -p "$port" --user operator "$@" 2>&1 || :
}

# Whether that is what a server said. Any word counts: one that loads or refuses is there.
is_answer() {
    case $1 in
    '' | *'Could not connect'*) return 1 ;;
    esac
}

ask_server() {
    ask "$LOCAL" "$REDIS_PORT" "$@"
}

# ask_sentinel ORDINAL [COMMAND ...]: our own one is asked without leaving the pod.
ask_sentinel() {
    of=$1
    shift
    if [ "$of" = "$ordinal" ]; then
        ask "$LOCAL" "$SENTINEL_PORT" "$@"
    else
        ask "$(address_of "$(host_of "$of")")" "$SENTINEL_PORT" "$@"
    fi
}

# field NAME TEXT: what stands below the name in an answer of names and values.
field() {
    printf '%s\n' "$2" | while read -r name && read -r value; do
        [ "$name" != "$1" ] || echo "$value"
    done
}

# Ask all sentinels for the primary: sets `primary`, `state` (its flags) and `knowing`, `unknowing`, `silent` (how many, how many,
# who). The latest epoch counts: a sentinel that was away names the primary of its time.
survey() {
    primary='' state='' epoch=-1 knowing=0 unknowing=0 silent=''
    number=0
    while [ "$number" -lt "$servers" ]; do
        said=$(ask_sentinel "$number" SENTINEL MASTER "$SERVICE")
        case $said in
        name*) knowing=$((knowing + 1)) && hear "$said" ;;
        *"No such master"*) unknowing=$((unknowing + 1)) ;;
        *) silent="$silent $(host_of "$number")" ;;
        esac
        number=$((number + 1))
    done
}

# shellcheck disable=SC2034  # those that survey look at them
hear() {
    its_epoch=$(field config-epoch "$1")
    if [ "$its_epoch" -gt "$epoch" ]; then
        epoch=$its_epoch primary=$(field ip "$1") state=$(field flags "$1")
    fi
}
