/*
 * What a network namespace's kernel has counted by itself: the second witness of a walk.
 *
 * Counters are sums over the possible CPUs, as /proc/net/snmp, snmp6 and netstat show them (Linux
 * net/ipv4/proc.c, net/ipv6/proc.c; names of the comments below are those of these files). They
 * only grow, but for the levels, which are as of now. What this kernel does not have, or what could
 * not be read, is not known, which is something else than zero.
 */
#ifndef BASE_RECORD_COUNTERS_H
#define BASE_RECORD_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum kernel_counter {
    /* struct tcp_mib: IPv4 and IPv6 */
    COUNTER_ACTIVE_OPENS,  /* ActiveOpens: sockets that entered SYN_SENT */
    COUNTER_PASSIVE_OPENS, /* PassiveOpens: children that a handshake made */
    COUNTER_ATTEMPT_FAILS, /* AttemptFails */
    COUNTER_ESTAB_RESETS,  /* EstabResets: from ESTABLISHED or CLOSE_WAIT to CLOSE */
    COUNTER_CURR_ESTAB,    /* CurrEstab: in ESTABLISHED or CLOSE_WAIT; a level */
    COUNTER_IN_SEGS,       /* InSegs */
    COUNTER_OUT_SEGS,      /* OutSegs: without retransmissions */
    COUNTER_RETRANS_SEGS,  /* RetransSegs */
    COUNTER_OUT_RSTS,      /* OutRsts */
    /* struct linux_mib */
    COUNTER_TIME_WAITED,        /* TW: time-wait sockets made */
    COUNTER_TIME_WAIT_RECYCLED, /* TWRecycled: ended early by a connect from the same port */
    COUNTER_TIME_WAIT_KILLED,   /* TWKilled: time-wait sockets made to last four seconds or less */
    COUNTER_TIME_WAIT_OVERFLOW, /* TCPTimeWaitOverflow: to be made, had there been room */
    COUNTER_ABORT_ON_TIMEOUT,   /* TCPAbortOnTimeout */
    /* struct udp_mib, of IPv4 and then of IPv6 */
    COUNTER_UDP_IN,       /* Udp InDatagrams: taken by their readers */
    COUNTER_UDP_NO_PORTS, /* Udp NoPorts */
    COUNTER_UDP_ERRORS,   /* Udp InErrors */
    COUNTER_UDP_OUT,      /* Udp OutDatagrams */
    COUNTER_UDP6_IN,
    COUNTER_UDP6_NO_PORTS,
    COUNTER_UDP6_ERRORS,
    COUNTER_UDP6_OUT,
    /* struct icmp_mib, struct icmpv6_mib */
    COUNTER_ICMP_IN,  /* Icmp InMsgs */
    COUNTER_ICMP_OUT, /* Icmp OutMsgs */
    COUNTER_ICMP6_IN,
    COUNTER_ICMP6_OUT,
    /* struct ipstats_mib, of IPv4 and then of IPv6 */
    COUNTER_IP_IN_OCTETS,  /* IpExt InOctets */
    COUNTER_IP_DELIVERED,  /* Ip InDelivers */
    COUNTER_IP_FORWARDED,  /* Ip ForwDatagrams */
    COUNTER_IP_OUT_OCTETS, /* IpExt OutOctets */
    COUNTER_IP6_IN_OCTETS,
    COUNTER_IP6_DELIVERED,
    COUNTER_IP6_FORWARDED,
    COUNTER_IP6_OUT_OCTETS,
    /* Not of a mib; all are levels */
    COUNTER_RAW_SOCKETS,     /* RAW inuse of /proc/net/sockstat */
    COUNTER_RAW6_SOCKETS,    /* RAW6 inuse of /proc/net/sockstat6 */
    COUNTER_TIME_WAIT_USE,   /* TCP tw of /proc/net/sockstat */
    COUNTER_TIME_WAIT_LIMIT, /* sysctl net.ipv4.tcp_max_tw_buckets */
    COUNTER_COUNT
};

struct counters {
    uint64_t known; /* bit i: value[i] is known; other values are 0 */
    uint64_t value[COUNTER_COUNT];
};

_Static_assert(COUNTER_COUNT <= 64, "one bit each");

static inline bool counter_known(const struct counters *counters, enum kernel_counter counter)
{
    return (counters->known >> counter & 1) != 0;
}

/* Whether it goes up and down, unlike the others. */
static inline bool counter_is_level(enum kernel_counter counter)
{
    return counter == COUNTER_CURR_ESTAB || counter >= COUNTER_RAW_SOCKETS;
}

#endif
