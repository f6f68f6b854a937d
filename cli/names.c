#include "names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

struct state_name {
    const char *ss;
    const char *otel;
    const char *color;
};

static const struct state_name states[TCP_STATE_COUNT] = {
    [TCP_STATE_ESTABLISHED] = {"ESTAB", "established", "green"},
    [TCP_STATE_SYN_SENT] = {"SYN-SENT", "syn_sent", "yellow"},
    [TCP_STATE_SYN_RECV] = {"SYN-RECV", "syn_received", "yellow"},
    [TCP_STATE_FIN_WAIT1] = {"FIN-WAIT-1", "fin_wait_1", "magenta"},
    [TCP_STATE_FIN_WAIT2] = {"FIN-WAIT-2", "fin_wait_2", "magenta"},
    [TCP_STATE_TIME_WAIT] = {"TIME-WAIT", "time_wait", "darkgray"},
    [TCP_STATE_CLOSE] = {"UNCONN", "closed", NULL},
    [TCP_STATE_CLOSE_WAIT] = {"CLOSE-WAIT", "close_wait", "magenta"},
    [TCP_STATE_LAST_ACK] = {"LAST-ACK", "last_ack", "magenta"},
    [TCP_STATE_LISTEN] = {"LISTEN", "listen", "cyan"},
    [TCP_STATE_CLOSING] = {"CLOSING", "closing", "magenta"},
    [TCP_STATE_NEW_SYN_RECV] = {"SYN-RECV", "syn_received", "yellow"},
    [TCP_STATE_BOUND_INACTIVE] = {"UNCONN", "closed", NULL},
};

static const struct {
    const char *name;
    const char *key;
} counters[COUNTER_COUNT] = {
    [COUNTER_ACTIVE_OPENS] = {"ActiveOpens", "tracker.counters.active_opens"},
    [COUNTER_PASSIVE_OPENS] = {"PassiveOpens", "tracker.counters.passive_opens"},
    [COUNTER_ATTEMPT_FAILS] = {"AttemptFails", "tracker.counters.attempt_fails"},
    [COUNTER_ESTAB_RESETS] = {"EstabResets", "tracker.counters.estab_resets"},
    [COUNTER_CURR_ESTAB] = {"CurrEstab", "tracker.counters.curr_estab"},
    [COUNTER_IN_SEGS] = {"InSegs", "tracker.counters.in_segs"},
    [COUNTER_OUT_SEGS] = {"OutSegs", "tracker.counters.out_segs"},
    [COUNTER_RETRANS_SEGS] = {"RetransSegs", "tracker.counters.retrans_segs"},
    [COUNTER_OUT_RSTS] = {"OutRsts", "tracker.counters.out_rsts"},
    [COUNTER_TIME_WAITED] = {"TW", "tracker.counters.time_waited"},
    [COUNTER_TIME_WAIT_RECYCLED] = {"TWRecycled", "tracker.counters.time_wait_recycled"},
    [COUNTER_TIME_WAIT_KILLED] = {"TWKilled", "tracker.counters.time_wait_killed"},
    [COUNTER_TIME_WAIT_OVERFLOW] = {"TCPTimeWaitOverflow", "tracker.counters.time_wait_overflow"},
    [COUNTER_ABORT_ON_TIMEOUT] = {"TCPAbortOnTimeout", "tracker.counters.abort_on_timeout"},
    [COUNTER_UDP_IN] = {"UdpInDatagrams", "tracker.counters.udp_in"},
    [COUNTER_UDP_NO_PORTS] = {"UdpNoPorts", "tracker.counters.udp_no_ports"},
    [COUNTER_UDP_ERRORS] = {"UdpInErrors", "tracker.counters.udp_errors"},
    [COUNTER_UDP_OUT] = {"UdpOutDatagrams", "tracker.counters.udp_out"},
    [COUNTER_UDP6_IN] = {"Udp6InDatagrams", "tracker.counters.udp6_in"},
    [COUNTER_UDP6_NO_PORTS] = {"Udp6NoPorts", "tracker.counters.udp6_no_ports"},
    [COUNTER_UDP6_ERRORS] = {"Udp6InErrors", "tracker.counters.udp6_errors"},
    [COUNTER_UDP6_OUT] = {"Udp6OutDatagrams", "tracker.counters.udp6_out"},
    [COUNTER_ICMP_IN] = {"IcmpInMsgs", "tracker.counters.icmp_in"},
    [COUNTER_ICMP_OUT] = {"IcmpOutMsgs", "tracker.counters.icmp_out"},
    [COUNTER_ICMP6_IN] = {"Icmp6InMsgs", "tracker.counters.icmp6_in"},
    [COUNTER_ICMP6_OUT] = {"Icmp6OutMsgs", "tracker.counters.icmp6_out"},
    [COUNTER_IP_IN_OCTETS] = {"InOctets", "tracker.counters.ip_in_octets"},
    [COUNTER_IP_DELIVERED] = {"InDelivers", "tracker.counters.ip_delivered"},
    [COUNTER_IP_FORWARDED] = {"ForwDatagrams", "tracker.counters.ip_forwarded"},
    [COUNTER_IP_OUT_OCTETS] = {"OutOctets", "tracker.counters.ip_out_octets"},
    [COUNTER_IP6_IN_OCTETS] = {"Ip6InOctets", "tracker.counters.ip6_in_octets"},
    [COUNTER_IP6_DELIVERED] = {"Ip6InDelivers", "tracker.counters.ip6_delivered"},
    [COUNTER_IP6_FORWARDED] = {"Ip6OutForwDatagrams", "tracker.counters.ip6_forwarded"},
    [COUNTER_IP6_OUT_OCTETS] = {"Ip6OutOctets", "tracker.counters.ip6_out_octets"},
    [COUNTER_RAW_SOCKETS] = {"RAW", "tracker.counters.raw_sockets"},
    [COUNTER_RAW6_SOCKETS] = {"RAW6", "tracker.counters.raw6_sockets"},
    [COUNTER_TIME_WAIT_USE] = {"tw", "tracker.counters.time_wait_use"},
    [COUNTER_TIME_WAIT_LIMIT] = {"tcp_max_tw_buckets", "tracker.counters.time_wait_limit"},
};

const char *names_state_ss(uint8_t state)
{
    const char *name = state < TCP_STATE_COUNT ? states[state].ss : NULL;
    return name != NULL ? name : "UNKNOWN";
}

const char *names_state_otel(uint8_t state)
{
    return state < TCP_STATE_COUNT ? states[state].otel : NULL;
}

const char *names_state_color(uint8_t state)
{
    return state < TCP_STATE_COUNT ? states[state].color : NULL;
}

void names_address(struct text *text, const unsigned char address[16], uint8_t ip_version)
{
    char name[NAMES_ADDRESS_ROOM];

    if (inet_ntop(ip_version == 4 ? AF_INET : AF_INET6, address, name, sizeof name) != NULL)
        text_add(text, "%s", name);
}

static void add_end(struct text *text, const struct socket_record *socket,
                    const unsigned char *address, uint32_t interface, uint16_t port)
{
    text_add(text, "%s", socket->v6_socket ? "[" : "");
    if (socket->mapped)
        text_add(text, "::ffff:");
    names_address(text, address, socket->tuple.ip_version);
    text_add(text, "%s", socket->v6_socket ? "]" : "");
    if (interface != 0)
        text_add(text, "%%%u", interface);
    if (port != 0)
        text_add(text, ":%u", port);
    else
        text_add(text, ":*");
}

void names_local_end(struct text *text, const struct socket_record *socket)
{
    add_end(text, socket, socket->tuple.local, socket->bound_if, socket->tuple.local_port);
}

void names_remote_end(struct text *text, const struct socket_record *socket)
{
    add_end(text, socket, socket->tuple.remote, 0, socket->tuple.remote_port);
}

bool names_inode_known(const struct socket_record *socket)
{
    return socket->has_inode && socket->inode != 0;
}

uint32_t names_owners_listed(const struct socket_record *socket)
{
    return socket->owner_count < SOCKET_OWNERS_MAX ? socket->owner_count : SOCKET_OWNERS_MAX;
}

void names_owners(struct text *text, const struct socket_record *socket)
{
    uint32_t listed = names_owners_listed(socket);

    if (listed == 0)
        return;
    for (uint32_t i = 0; i < listed; i++) {
        const struct socket_owner *owner = &socket->owners[i];
        text_add(text, "%s(\"", i == 0 ? "users:(" : ",");
        text_escape(text, owner->comm, strnlen(owner->comm, sizeof owner->comm), "\"");
        text_add(text, "\",pid=%u,fd=%u)", owner->pid, owner->fd);
    }
    if (socket->owner_count > listed)
        text_add(text, ",+%u", socket->owner_count - listed);
    text_add(text, ")");
}

bool names_container(const char *cgroup_path, char id[NAMES_CONTAINER_ROOM])
{
    const size_t digits = NAMES_CONTAINER_ROOM - 1;
    const char *found = NULL;

    for (const char *at = cgroup_path; *at != '\0';) {
        size_t run = 0;
        while (isxdigit((unsigned char)at[run]))
            run++;
        bool begins = at > cgroup_path && (at[-1] == '/' || at[-1] == '-');
        if (run == digits && begins && strchr("/.", at[run]) != NULL)
            found = at;
        at += run == 0 ? 1 : run;
    }
    if (found == NULL)
        return false;
    memcpy(id, found, digits);
    id[digits] = '\0';
    return true;
}

const char *names_counter(enum kernel_counter counter)
{
    return counters[counter].name;
}

const char *names_counter_key(enum kernel_counter counter)
{
    return counters[counter].key;
}
