/* Pass on what any connection says to all others, and do nothing else.
 *
 *     relay
 *
 * Prints the port that it listens on (127.0.0.1). It is the least that a server can do
 * with one thread and one send for each peer, so what the load generator counts behind
 * it is the most that it can count of anybody on this machine. Linux (epoll).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * 1024)
#define MAX_PEERS 65536

typedef struct {
    int fd;
    uint8_t *waits; /* what the system did not take yet */
    size_t bytes;
} Peer;

static Peer peers[MAX_PEERS]; /* by their descriptor */
static int highest, poller;

static void watch(int fd, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(poller, how, fd, &event);
}

static void drop(Peer *peer) {
    close(peer->fd);
    free(peer->waits);
    memset(peer, 0, sizeof *peer);
}

static void pass_on(Peer *peer, const uint8_t *data, size_t bytes) {
    ssize_t sent = peer->bytes ? 0 : send(peer->fd, data, bytes, MSG_NOSIGNAL);
    if (sent < 0) sent = 0; /* whoever is gone is read to the end below */
    if ((size_t)sent == bytes) return;
    peer->waits = realloc(peer->waits, peer->bytes + bytes - (size_t)sent);
    memcpy(peer->waits + peer->bytes, data + sent, bytes - (size_t)sent);
    peer->bytes += bytes - (size_t)sent;
    watch(peer->fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void on_writable(Peer *peer) {
    ssize_t sent = send(peer->fd, peer->waits, peer->bytes, MSG_NOSIGNAL);
    if (sent <= 0) return;
    peer->bytes -= (size_t)sent;
    memmove(peer->waits, peer->waits + sent, peer->bytes);
    if (!peer->bytes) watch(peer->fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void on_readable(Peer *peer) {
    static uint8_t chunk[CHUNK_BYTES];
    ssize_t got = recv(peer->fd, chunk, sizeof chunk, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        drop(peer);
    } else if (got == 1) {
        send(peer->fd, "!", 1, MSG_NOSIGNAL); /* a newcomer says hello */
    } else if (got > 0) {
        for (int fd = 0; fd <= highest; fd++)
            if (peers[fd].fd && &peers[fd] != peer) pass_on(&peers[fd], chunk, (size_t)got);
    }
}

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) return 1;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    poller = epoll_create1(0);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    struct epoll_event events[512];
    for (;;) {
        int ready = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int one = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (one < 0 || one >= MAX_PEERS) continue;
                setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                peers[one].fd = one;
                if (one > highest) highest = one;
                watch(one, EPOLLIN, EPOLL_CTL_ADD);
                continue;
            }
            if (peers[fd].fd && events[i].events & EPOLLOUT) on_writable(&peers[fd]);
            if (peers[fd].fd && events[i].events & (EPOLLIN | EPOLLHUP)) on_readable(&peers[fd]);
        }
    }
}
