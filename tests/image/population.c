#include "population.h"

#include <string.h>

/* An endpoint of a connection in the making. */
struct endpoints {
    const char *local; /* 4 or 16 bytes */
    const char *remote;
    uint16_t local_port, remote_port;
};

static const char loopback[] = "\x7f\x00\x00\x01";
static const char guest4[] = "\x0a\x00\x02\x0f";
static const char server4[] = "\xc0\x00\x02\x50";
static const char any[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
static const char guest6[] = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0f";
static const char server6[] = "\x20\x01\x0d\xb8\x00\x99\0\0\0\0\0\0\0\0\x12\x34";

static struct socket_record record_of(const struct endpoints *ends, unsigned version)
{
    struct socket_record record = {0};
    size_t length = version == 4 ? 4 : 16;
    record.tuple.ip_version = (uint8_t)version;
    record.v6_socket = version == 6;
    record.state = TCP_STATE_ESTABLISHED;
    memcpy(record.tuple.local, ends->local, length);
    memcpy(record.tuple.remote, ends->remote, length);
    record.tuple.local_port = ends->local_port;
    record.tuple.remote_port = ends->remote_port;
    return record;
}

/* What a full socket has besides: accounts that differ from one number to the next. */
static void make_full(struct socket_record *record, unsigned n)
{
    record->object = SOCKET_FULL;
    record->has_inode = record->has_creator = record->has_counters = true;
    record->uid = 1000 + n;
    record->creator_uid = 2000 + n;
    record->inode = 50000 + n;
    record->cookie = n % 3 == 0 ? 0 : 0x100 + n;
    record->counters = (struct socket_counters){.bytes_sent = 1000000ULL * n + 1,
                                                .bytes_acked = 1000000ULL * n + 2,
                                                .bytes_received = 0x100000000ULL + n,
                                                .segs_out = 7 * n + 3,
                                                .segs_in = 7 * n + 4};
}

/* Tuples that differ for every `n` up to millions: by the port, then by the remote address. */
static struct socket_record numbered(unsigned n, unsigned version)
{
    enum {
        PORTS = 40000
    };
    struct endpoints ends = {version == 4 ? guest4 : guest6, version == 4 ? server4 : server6,
                             (uint16_t)(20000 + n % PORTS), 443};
    struct socket_record record = record_of(&ends, version);
    record.tuple.remote[version == 4 ? 3 : 15] ^= (unsigned char)(n / PORTS);
    make_full(&record, 100 + n);
    return record;
}

struct socket_record scenario_plain(unsigned n)
{
    return numbered(n, 4);
}

static void own(struct scenario *s, struct socket_record *record, uint64_t task, uint32_t fd)
{
    record->file = gva(process_file(&s->kernel));
    process_open(&s->kernel, task, fd, record->file.v);
}

static uint64_t add_listener(struct scenario *s, const char *local, unsigned version, uint16_t port)
{
    struct endpoints ends = {local, any, port, 0};
    struct socket_record record = record_of(&ends, version);
    make_full(&record, port % 100);
    record.state = TCP_STATE_LISTEN;
    own(s, &record, s->server, 3 + port % 50);
    process_open(&s->kernel, s->worker, 7 + port % 50, record.file.v);
    return scenario_add(s, 0, 0, record)->sock.v;
}

static void add_time_wait(struct scenario *s, unsigned version, unsigned state, uint16_t port)
{
    struct endpoints ends = {version == 4 ? guest4 : guest6, version == 4 ? server4 : server6, port,
                             80};
    struct socket_record record = record_of(&ends, version);
    record.object = SOCKET_TIME_WAIT;
    record.sequence = 0x1000000U * port + 7;
    record.state = (uint8_t)state;
    (void)scenario_add(s, 0, 0, record);
}

static void add_request(struct scenario *s, unsigned version, uint64_t listener, uint32_t uid)
{
    struct endpoints ends = {version == 4 ? guest4 : guest6, version == 4 ? server4 : server6, 80,
                             40000};
    struct socket_record record = record_of(&ends, version);
    record.object = SOCKET_REQUEST;
    record.state = TCP_STATE_SYN_RECV;
    record.uid = uid;
    (void)scenario_add(s, 0, listener, record);
}

static void add_served(struct scenario *s)
{
    struct endpoints client = {loopback, loopback, 45678, 80};
    struct endpoints server = {loopback, loopback, 80, 45678};
    struct socket_record record = record_of(&client, 4);
    uint64_t root = process_cgroup(&s->kernel, 0, "");
    uint64_t slice = process_cgroup(&s->kernel, root, "system.slice");
    make_full(&record, 9);
    record.cgroup = gva(process_cgroup(&s->kernel, slice, "web.service"));
    strcpy(record.cgroup_path, "/system.slice/web.service");
    own(s, &record, s->client, 5);
    (void)scenario_add(s, 0, 0, record);
    record = record_of(&server, 4);
    make_full(&record, 10);
    record.cgroup = gva(root);
    strcpy(record.cgroup_path, "/");
    record.mapped = record.v6_socket = true;
    own(s, &record, s->worker, 0);
    (void)scenario_add(s, 0, 0, record);
}

static void add_unowned(struct scenario *s)
{
    struct endpoints ends = {guest4, server4, 51000, 8080};
    struct socket_record record = record_of(&ends, 4);
    make_full(&record, 11);
    record.state = TCP_STATE_FIN_WAIT1;
    record.has_inode = false;
    record.uid = 0;
    record.inode = 0;
    record.bound_if = 2;
    (void)scenario_add(s, 0, 0, record);
    ends = (struct endpoints){guest6, server6, 51001, 8443};
    record = record_of(&ends, 6);
    make_full(&record, 12);
    (void)scenario_add(s, 0, 0, record);
}

static void add_bulk(struct scenario *s)
{
    for (unsigned i = 0; i < s->options.bulk; i++) {
        struct socket_record record = numbered(i, i % 4 == 1 ? 6 : 4);
        unsigned net = i % SCENARIO_NETS;
        own(s, &record, s->client, 10 + i % 50);
        (void)scenario_add(s, net, 0, record);
    }
}

void population_networks(struct scenario *s)
{
    struct guest_kernel *kernel = &s->kernel;
    tcp_write_init(kernel, s->options.buckets, s->options.listen_buckets, &s->nets[0]);
    tcp_write_net(kernel, 4026532201U, 0, &s->nets[1]);
    tcp_write_net(kernel, 4026532302U, s->options.private_buckets, &s->nets[2]);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        s->counters[i] = 17 + (uint64_t)31 * i;
    tcp_write_counters(kernel, &s->nets[0], s->counters);
}

void population_sockets(struct scenario *s)
{
    (void)process_write_thread(&s->kernel, 2, "kthreadd");
    s->server = process_write(&s->kernel, 812, "nginx");
    s->worker = process_write(&s->kernel, 813, "nginx");
    s->client = process_write(&s->kernel, 4711, "curl");
    uint64_t listener4 = add_listener(s, any, 4, 80);
    uint64_t listener6 = add_listener(s, any, 6, 82);
    (void)add_listener(s, guest4, 4, 22);
    (void)add_listener(s, guest6, 6, 8023);
    add_served(s);
    add_unowned(s);
    add_time_wait(s, 4, TCP_STATE_TIME_WAIT, 33000);
    add_time_wait(s, 4, TCP_STATE_FIN_WAIT2, 33001);
    add_time_wait(s, 6, TCP_STATE_TIME_WAIT, 33002);
    add_request(s, 4, listener4, 1080);
    add_request(s, 6, listener6, 1082);
    add_bulk(s);
}
