#!/bin/sh
# Starts HAProxy: one address that leads to the primary, whichever server that is.
#
# A server is the primary if it says so and a majority of the sentinels names it, too: one that was cut off, or hung through its own
# failover, calls itself the primary for some time. HAProxy holds everybody for well until it has asked; so whoever stands beside
# another that is named leads nowhere.
set -eu
. "${SCRIPTS:=/scripts}/talk.sh"

: "${STATUS_PORT:=8404}"

main() {
    mkdir -p "$RUN"
    until all_have_addresses; do
        say "waits: the addresses of the servers' Services are not known yet"
        sleep 1
    done
    [ -s "$PASSWORDS/haproxy" ] || { say "the Secret with the passwords has none for: haproxy" && exit 1; }
    # Where there is no IPv6, its addresses cannot be listened on.
    case $(address_of "$(host_of 0)") in *:*) : "${BIND:=::}" ;; *) : "${BIND:=*}" ;; esac
    configuration >"$RUN/haproxy.cfg"
    PASSWORD=$(password haproxy)
    export PASSWORD
    exec haproxy -db -f "$RUN/haproxy.cfg"
}

configuration() {
    # Clients keep connections for hours and wait in them; those that are gone are found by the kernel. A node that allows fewer
    # open files than the connections need is no reason not to start. A hand-over waits for the look at the new primary and for that at
    # the sentinels, so they are asked often; each answer takes them well below a millisecond.
    cat <<END
global
    log stdout format raw daemon notice
    maxconn ${MAX_CONNECTIONS:?}
    no strict-limits
    hard-stop-after 5s
defaults
    log global
    mode tcp
    option clitcpka
    option srvtcpka
    retries 0
    timeout connect 1s
    timeout check 1s
    timeout client 24h
    timeout server 24h
    default-server inter 300ms fall 1 rise 1 $(encrypted)
END
    number=0
    while [ "$number" -lt "$servers" ]; do
        backends_of "$number" "$(address_of "$(host_of "$number")")"
        number=$((number + 1))
    done
    frontends
}

encrypted() {
    [ "$TLS" = no ] || echo "check-ssl verify required ca-file $CERTIFICATES/ca.crt"
}

# backends_of NUMBER ADDRESS: the server, while it says that it is the primary; the sentinels that name it. The first answer counts
# (min-recv 0): for one that it likes better HAProxy would wait until the time is over. A server that is slow once keeps its clients;
# one that hangs has lost them after five seconds.
backends_of() {
    cat <<END
backend server-$1
    option tcp-check
    tcp-check connect default
$(authentication)
    tcp-check send "$(command_of ROLE)"
    tcp-check expect min-recv 0 string "$(word_of master)"
    timeout check 2s
    server redis $2:$REDIS_PORT check fall 2 on-marked-down shutdown-sessions
backend named-$1
    option tcp-check
    tcp-check connect default
$(authentication)
    tcp-check send "$(command_of SENTINEL get-master-addr-by-name "$SERVICE")"
    tcp-check expect min-recv 0 string "$(word_of "$2")"
END
    for sentinel in $HOSTS; do
        echo "    server $sentinel $(address_of "$sentinel"):$SENTINEL_PORT check"
    done
}

# The password is read from the environment at each check, so that nothing in it can be taken for the configuration's own.
authentication() {
    cat <<'END'
    tcp-check send-lf "*3\r\n\$4\r\nAUTH\r\n\$7\r\nhaproxy\r\n\$%[env(PASSWORD),length]\r\n%[env(PASSWORD)]\r\n"
    tcp-check expect string +OK
END
}

# command_of WORD ...: as Redis takes commands; escapes are for HAProxy to read.
command_of() {
    printf '*%s\\r\\n' "$#"
    for word; do word_of "$word"; done
}

word_of() {
    printf '\\$%s\\r\\n%s\\r\\n' "${#1}" "$1"
}

frontends() {
    cat <<END
frontend status
    mode http
    timeout client 5s
    bind $BIND:$STATUS_PORT
$(conditions)
    http-request return status 200 content-type text/plain string "alive" if { path /livez }
$(for_each_primary 'http-request return status 200 content-type text/plain string "leads to %s" if { path /readyz }')
    http-request return status 503 content-type text/plain string "$NOBODY" if { path /readyz }
    http-request use-service prometheus-exporter if { path /metrics }
    http-request return status 404
frontend primary
    bind $BIND:$REDIS_PORT
$(conditions)
$(for_each_primary 'use_backend server-%s if')
END
}

NOBODY="no server says that it is the primary and is named by a majority of the sentinels"

conditions() {
    seq 0 $((servers - 1)) | while read -r number; do
        echo "    acl says-$number nbsrv(server-$number) ge 1"
        echo "    acl named-$number nbsrv(named-$number) ge $majority"
    done
}

# for_each_primary RULE: the rule with each server's number, for when that one is the primary and no other is named.
for_each_primary() {
    seq 0 $((servers - 1)) | while read -r number; do
        others=$(seq 0 $((servers - 1)) | grep -vx "$number" | sed 's/^/!named-/' | tr '\n' ' ')
        # shellcheck disable=SC2059  # the rule is the format
        printf "    $1 says-$number named-$number $others\n" "$number"
    done
}

main
