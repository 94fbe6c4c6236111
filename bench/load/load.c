/* Hold thousands of connections and count what each of them hears.
 *
 *     load HOST PORT SCRIPTS [tls]
 *
 * Knows no protocol. SCRIPTS is a file that says what each connection does to get
 * in (see bench/load/scripts.py), and what it hears afterwards is looked through for
 * marks: '~', 8 digits, '~', 19 digits, '~': a message's number and the time on the
 * monotonic clock, in nanoseconds, at which it was sent. Each connection must hear
 * each number once and in order.
 *
 * Takes commands on standard input and answers each with one line of JSON, as
 * bench/load/generator.py has them; load.py beside it does the same without a
 * compiler. One thread; Linux (epoll). TLS by the system's OpenSSL, loaded when it is
 * asked for, so that no headers are needed; whoever answers is believed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK_BYTES 30
#define CARRY_BYTES 64 /* the longest answer that a script may wait for */
#define CHUNK_BYTES (256 * 1024)
#define EVENTS 512
#define LOOK_EVERY_US 500 /* by so much, at most, what is heard is timed too late */

/* -- TLS: the few functions that are needed, by the names of OpenSSL 1.1 to 3 -- */

static void *(*TLS_client_method_)(void);
static void *(*SSL_CTX_new_)(void *);
static void *(*SSL_new_)(void *);
static int (*SSL_set_fd_)(void *, int);
static int (*SSL_connect_)(void *);
static int (*SSL_read_)(void *, void *, int);
static int (*SSL_write_)(void *, const void *, int);
static int (*SSL_get_error_)(void *, int);
static void (*SSL_free_)(void *);
static void *tls_context;
enum { SSL_WANT_READ = 2, SSL_WANT_WRITE = 3 };

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void load_tls(void) {
    void *library = dlopen("libssl.so.3", RTLD_NOW);
    if (!library) library = dlopen("libssl.so.1.1", RTLD_NOW);
    if (!library) die("no libssl on this system");
#define FIND(name) if (!(*(void **)&name##_ = dlsym(library, #name))) die(#name)
    FIND(TLS_client_method); FIND(SSL_CTX_new); FIND(SSL_new); FIND(SSL_set_fd);
    FIND(SSL_connect); FIND(SSL_read); FIND(SSL_write); FIND(SSL_get_error); FIND(SSL_free);
    tls_context = SSL_CTX_new_(TLS_client_method_());
}

/* -- what a connection is -- */

typedef struct {
    const uint8_t *say, *await;
    uint32_t say_bytes, await_bytes;
} Step;

typedef struct {
    int fd;
    void *tls;
    Step *steps;
    uint32_t steps_left;
    uint8_t is_open, is_in, is_lost, wants_to_write;
    uint32_t next, got;       /* the number that is due; how many were heard */
    int64_t began_ns;
    uint32_t carried;
    uint8_t carry[CARRY_BYTES]; /* the end of what was heard, where it may go on */
} Peer;

static Peer *peers;
static uint32_t peers_count, opened, in, lost;
static struct sockaddr_in address;
static int poller;
static int uses_tls;
static uint8_t *ping;
static uint32_t ping_bytes, next_to_ping;
static double ping_every_s;
static int64_t next_ping_ns;

static enum { IDLE, CONNECTING, EXPECTING } goal;
static uint32_t target, window, expected, full, wrong, first_wrong;
static uint64_t heard, room_for;
static uint32_t *latencies_us;
static int64_t began_ns, first_ns, last_ns, deadline_ns, slowest_ns;
static double cpu_before_s;

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static double cpu_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec
         + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* -- the sockets -- */

static void watch(Peer *peer, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(poller, how, peer->fd, &event)) die("epoll_ctl");
}

static void lose(Peer *peer) {
    if (peer->is_lost) return;
    peer->is_lost = 1;
    lost++;
    if (peer->tls) SSL_free_(peer->tls);
    close(peer->fd);
}

static void say(Peer *peer, const uint8_t *data, uint32_t bytes) {
    /* A few hundred bytes at a time: what the system does not take at once it never will. */
    ssize_t sent = peer->tls ? SSL_write_(peer->tls, data, (int)bytes)
                             : send(peer->fd, data, bytes, MSG_NOSIGNAL);
    if (sent != (ssize_t)bytes) lose(peer);
}

static void open_one(void) {
    Peer *peer = &peers[opened++];
    peer->began_ns = now_ns();
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (peer->fd < 0) die("socket");
    int on = 1;
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("connect");
    watch(peer, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}

static void next_step(Peer *peer) {
    if (peer->steps_left) {
        say(peer, peer->steps->say, peer->steps->say_bytes);
        return;
    }
    peer->is_in = 1;
    in++;
    peer->carried = 0;
    int64_t took_ns = now_ns() - peer->began_ns;
    if (took_ns > slowest_ns) slowest_ns = took_ns;
}

static void on_writable(Peer *peer) {
    if (uses_tls && !peer->tls) {
        peer->tls = SSL_new_(tls_context);
        SSL_set_fd_(peer->tls, peer->fd);
    }
    if (peer->tls) {
        int result = SSL_connect_(peer->tls);
        if (result != 1) {
            int why = SSL_get_error_(peer->tls, result);
            if (why == SSL_WANT_READ) watch(peer, EPOLLIN, EPOLL_CTL_MOD);
            else if (why != SSL_WANT_WRITE) lose(peer);
            return;
        }
    }
    peer->is_open = 1;
    watch(peer, EPOLLIN, EPOLL_CTL_MOD);
    next_step(peer);
}

/* -- what is heard -- */

static int digits(const uint8_t *at, int count, int64_t *value) {
    *value = 0;
    for (int i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9') return 0;
        *value = *value * 10 + (at[i] - '0');
    }
    return 1;
}

static void hear(Peer *peer, int64_t number, int64_t sent_ns, int64_t now) {
    if (goal != EXPECTING) return;
    if (number != peer->next && !wrong++) first_wrong = (uint32_t)number;
    peer->next = (uint32_t)number + 1;
    if (heard < room_for) {
        int64_t us = (now - sent_ns) / 1000;
        latencies_us[heard] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    }
    heard++;
    if (!first_ns) first_ns = now;
    last_ns = now;
    if (++peer->got == expected) full++;
}

/* Look through what arrived, with what was carried over in front of it. */
static void look_through(Peer *peer, const uint8_t *data, size_t bytes) {
    const uint8_t *at = data, *end = data + bytes;
    int64_t now = now_ns();
    if (!peer->is_in) {
        Step *step = peer->steps;
        if (memmem(data, bytes, step->await, step->await_bytes)) {
            peer->steps++;
            peer->steps_left--;
            peer->carried = 0;
            next_step(peer);
            return;
        }
        at = bytes > CARRY_BYTES - 1 ? end - (CARRY_BYTES - 1) : data;
    } else {
        while ((at = memchr(at, '~', (size_t)(end - at)))) {
            int64_t number, sent_ns;
            if (end - at < MARK_BYTES) break;
            if (at[9] == '~' && at[MARK_BYTES - 1] == '~' && digits(at + 1, 8, &number)
                && digits(at + 10, 19, &sent_ns)) {
                hear(peer, number, sent_ns, now);
                at += MARK_BYTES;
            } else {
                at++;
            }
        }
        if (!at) at = end;
    }
    peer->carried = (uint32_t)(end - at);
    memmove(peer->carry, at, peer->carried);
}

static void on_readable(Peer *peer) {
    static uint8_t chunk[CARRY_BYTES + CHUNK_BYTES];
    for (int more = 1; more && !peer->is_lost;) {
        memcpy(chunk, peer->carry, peer->carried);
        uint8_t *into = chunk + peer->carried;
        ssize_t got;
        if (peer->tls) {
            got = SSL_read_(peer->tls, into, CHUNK_BYTES);
            if (got <= 0) {
                if (SSL_get_error_(peer->tls, (int)got) != SSL_WANT_READ) lose(peer);
                return;
            }
        } else {
            got = recv(peer->fd, into, CHUNK_BYTES, 0);
            if (got <= 0) {
                if (got == 0 || (errno != EAGAIN && errno != EINTR)) lose(peer);
                return;
            }
            more = got == CHUNK_BYTES;
        }
        look_through(peer, chunk, peer->carried + (size_t)got);
    }
}

/* -- the commands -- */

static int by_size(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static double percentile_ms(double part) {
    uint64_t count = heard < room_for ? heard : room_for;
    if (!count) return 0;
    uint64_t place = (uint64_t)(part * (double)(count - 1) + 0.5);
    return latencies_us[place] / 1e3;
}

static void report(void) {
    double cpu = cpu_s() - cpu_before_s;
    if (goal == CONNECTING) {
        printf("{\"connected\": %u, \"lost\": %u, \"seconds\": %.6f, \"slowest_ms\": %.3f, "
               "\"cpu_s\": %.4f}\n", in, lost, (now_ns() - began_ns) / 1e9, slowest_ns / 1e6, cpu);
    } else {
        uint64_t count = heard < room_for ? heard : room_for;
        qsort(latencies_us, count, sizeof *latencies_us, by_size);
        printf("{\"heard\": %llu, \"full\": %u, \"wrong\": %u, \"first_wrong\": %u, \"lost\": %u, "
               "\"first_ns\": %lld, \"last_ns\": %lld, \"cpu_s\": %.4f, \"p50_ms\": %.3f, "
               "\"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
               (unsigned long long)heard, full, wrong, first_wrong, lost, (long long)first_ns,
               (long long)last_ns, cpu, percentile_ms(0.5), percentile_ms(0.9),
               percentile_ms(0.99), percentile_ms(1.0));
    }
    fflush(stdout);
    goal = IDLE;
}

static void start_connecting(uint32_t count, uint32_t at_once, double limit_s) {
    target = in + count;
    if (target > peers_count) target = peers_count;
    window = at_once;
    goal = CONNECTING;
    slowest_ns = 0;
    began_ns = now_ns();
    deadline_ns = began_ns + (int64_t)(limit_s * 1e9);
}

static void start_expecting(uint32_t first, uint32_t count, double limit_s) {
    expected = count;
    full = wrong = first_wrong = 0;
    heard = 0;
    first_ns = last_ns = 0;
    room_for = (uint64_t)count * in;
    free(latencies_us);
    if (!(latencies_us = malloc(room_for * sizeof *latencies_us + 1))) die("malloc");
    /* Touched now, not while messages arrive. */
    memset(latencies_us, 0, room_for * sizeof *latencies_us);
    for (uint32_t i = 0; i < opened; i++) {
        peers[i].next = first;
        peers[i].got = 0;
    }
    goal = EXPECTING;
    began_ns = now_ns();
    deadline_ns = began_ns + (int64_t)(limit_s * 1e9);
    cpu_before_s = cpu_s();
    printf("{}\n"); /* from here on each message is counted */
    fflush(stdout);
}

static void on_command(void) {
    static char line[4096];
    unsigned first, count, at_once;
    double limit_s;
    if (!fgets(line, sizeof line, stdin)) exit(0);
    if (sscanf(line, "connect %u %u %lf", &count, &at_once, &limit_s) == 3) {
        cpu_before_s = cpu_s();
        start_connecting(count, at_once, limit_s);
    } else if (sscanf(line, "expect %u %u %lf", &first, &count, &limit_s) == 3) {
        start_expecting(first, count, limit_s);
    } else {
        fprintf(stderr, "load: what is %s", line);
        exit(2);
    }
}

static void send_pings(int64_t now) {
    if (ping_every_s <= 0 || !in) return;
    for (int i = 0; i < 1000 && next_ping_ns <= now; i++) {
        Peer *peer = &peers[next_to_ping++ % opened];
        if (peer->is_in && !peer->is_lost) say(peer, ping, ping_bytes);
        next_ping_ns += (int64_t)(ping_every_s * 1e9 / opened);
    }
    if (next_ping_ns < now - 1000000000LL) next_ping_ns = now;
}

static void work_on_goal(int64_t now) {
    if (goal == CONNECTING) {
        while (opened < target + lost && opened < peers_count && opened - in - lost < window)
            open_one();
        if (in >= target || now > deadline_ns || opened - lost == in) report();
    } else if (goal == EXPECTING && (full >= in - lost || now > deadline_ns)) {
        report();
    }
}

/* -- the scripts: u32 peers; double ping_every_s; bytes ping; then for each peer u32
 * steps, and for each step bytes say, bytes await; bytes are u32 and so many. -- */

static uint8_t *at_script;

static uint32_t take_u32(void) {
    uint32_t value;
    memcpy(&value, at_script, 4);
    at_script += 4;
    return value;
}

static uint8_t *take_bytes(uint32_t *bytes) {
    *bytes = take_u32();
    uint8_t *from = at_script;
    at_script += *bytes;
    return from;
}

static void read_scripts(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    size_t bytes = (size_t)ftell(file);
    rewind(file);
    at_script = malloc(bytes);
    if (!at_script || fread(at_script, 1, bytes, file) != bytes) die(path);
    fclose(file);
    peers_count = take_u32();
    memcpy(&ping_every_s, at_script, 8);
    at_script += 8;
    ping = take_bytes(&ping_bytes);
    peers = calloc(peers_count, sizeof *peers);
    for (uint32_t i = 0; i < peers_count; i++) {
        peers[i].steps_left = take_u32();
        peers[i].steps = calloc(peers[i].steps_left, sizeof(Step));
        for (uint32_t j = 0; j < peers[i].steps_left; j++) {
            Step *step = &peers[i].steps[j];
            step->say = take_bytes(&step->say_bytes);
            step->await = take_bytes(&step->await_bytes);
        }
    }
}

int main(int count, char **arguments) {
    if (count < 4) return fprintf(stderr, "load HOST PORT SCRIPTS [tls]\n"), 2;
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(arguments[2]));
    if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1) die(arguments[1]);
    uses_tls = count > 4 && !strcmp(arguments[4], "tls");
    if (uses_tls) load_tls();
    read_scripts(arguments[3]);
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event)) die("epoll_ctl");
    setvbuf(stdin, NULL, _IONBF, 0);
    for (;;) {
        /* It looks from time to time and is never woken: a server on this machine would
         * pay for each wake-up, as it does for none of a computer elsewhere. */
        int ready = epoll_wait(poller, events, EVENTS, goal == IDLE && !in ? -1 : 0);
        if (!ready) usleep(LOOK_EVERY_US);
        for (int i = 0; i < ready; i++) {
            Peer *peer = events[i].data.ptr;
            if (!peer) on_command();
            else if (peer->is_lost) continue;
            else if (!peer->is_open) on_writable(peer);
            else on_readable(peer);
        }
        int64_t now = now_ns();
        send_pings(now);
        work_on_goal(now);
    }
}
