// A provider that costs next to nothing: one thread, epoll, answers that are made once.
//
//     mock PORT [PAUSE-MS]     prints the port it listens on (0: any free one), serves until it is killed
//
// A path that ends in /messages is answered in Anthropic's dialect, any other in OpenAI's; a body with "stream":true gets
// 50 events, each by a write of its own, as a model sends them, with PAUSE-MS between two of them. Other bodies get 1 KB.
// GET /asked tells how many requests were answered.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { eventCount = 50, mostConnections = 16384, smallBuffer = 8192, largestRequest = 1 << 20 };

struct bytes {
    char *data;
    size_t length;
};

struct connection {
    bool isOpen;
    char *buffer;
    size_t capacity, length;
    // The stream in work, its next event and when that is due.
    const struct bytes *stream;
    int next;
    long due;
};

static struct bytes wholeChat, wholeMessage, chatEvents[eventCount], messageEvents[eventCount];
static struct connection connections[mostConnections];
static int poller, highest = -1;
static long pauseMilliseconds, answered;

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct bytes text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct bytes text(const char *format, ...) {
    struct bytes made;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&made.data, format, arguments);
    va_end(arguments);
    if (length < 0) abort();
    made.length = (size_t)length;
    return made;
}

static struct bytes whole(const char *body) {
    return text("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_mock\r\ncontent-length: %zu\r\n\r\n%s",
                strlen(body), body);
}

static struct bytes chunk(const char *prefix, const char *event, const char *suffix) {
    return text("%s%zx\r\n%s\r\n%s", prefix, strlen(event), event, suffix);
}

static const char *const streamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_mock\r\n"
    "transfer-encoding: chunked\r\n\r\n";

#define CHUNK "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\"model\":\"gpt-4o-mini\","

static void prepare(void) {
    // 640 letters make the whole answer about 1 KB.
    char letters[641];
    for (int index = 0; index < 640; index++) letters[index] = index % 7 == 6 ? ' ' : (char)('a' + index % 26);
    letters[640] = 0;
    char *body;
    if (asprintf(&body,
                 "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1780000000,\"model\":\"gpt-4o-mini\","
                 "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null},"
                 "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":420,\"completion_tokens\":160,"
                 "\"total_tokens\":580,\"prompt_tokens_details\":{\"cached_tokens\":0}},\"service_tier\":\"default\"}",
                 letters) < 0) abort();
    wholeChat = whole(body);
    if (asprintf(&body,
                 "{\"id\":\"msg_mock\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":["
                 "{\"type\":\"text\",\"text\":\"%s\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                 "\"usage\":{\"input_tokens\":420,\"output_tokens\":160}}",
                 letters) < 0) abort();
    wholeMessage = whole(body);

    for (int index = 0; index < eventCount; index++) {
        char *event;
        int made;
        if (index == 0)
            made = asprintf(&event, "data: " CHUNK "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                                    "\"finish_reason\":null}],\"usage\":null}\n\n");
        else if (index < eventCount - 3)
            made = asprintf(&event, "data: " CHUNK "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word%02d\"},"
                                    "\"finish_reason\":null}],\"usage\":null}\n\n", index);
        else if (index == eventCount - 3)
            made = asprintf(&event, "data: " CHUNK "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                                    "\"usage\":null}\n\n");
        else if (index == eventCount - 2)
            made = asprintf(&event, "data: " CHUNK "\"choices\":[],\"usage\":{\"prompt_tokens\":420,\"completion_tokens\":46,"
                                    "\"total_tokens\":466}}\n\n");
        else
            made = asprintf(&event, "data: [DONE]\n\n");
        if (made < 0) abort();
        chatEvents[index] = chunk(index == 0 ? streamHead : "", event, index == eventCount - 1 ? "0\r\n\r\n" : "");

        if (index == 0)
            made = asprintf(&event, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_mock\","
                                    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",\"content\":[],"
                                    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":420,"
                                    "\"output_tokens\":1}}}\n\n");
        else if (index == 1)
            made = asprintf(&event, "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
                                    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
        else if (index < eventCount - 3)
            made = asprintf(&event, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                                    "\"delta\":{\"type\":\"text_delta\",\"text\":\" word%02d\"}}\n\n", index);
        else if (index == eventCount - 3)
            made = asprintf(&event, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
        else if (index == eventCount - 2)
            made = asprintf(&event, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
                                    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":46}}\n\n");
        else
            made = asprintf(&event, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        if (made < 0) abort();
        messageEvents[index] = chunk(index == 0 ? streamHead : "", event, index == eventCount - 1 ? "0\r\n\r\n" : "");
    }
}

static void end(int socket) {
    struct connection *connection = &connections[socket];
    connection->isOpen = false;
    connection->stream = NULL;
    free(connection->buffer);
    connection->buffer = NULL;
    close(socket);
}

// Whether all was written. What a socket does not take is written again until it does: the peers here read at once.
static bool put(int socket, struct bytes bytes) {
    size_t done = 0;
    while (done < bytes.length) {
        ssize_t count = send(socket, bytes.data + done, bytes.length - done, MSG_NOSIGNAL);
        if (count > 0)
            done += (size_t)count;
        else if (errno != EAGAIN && errno != EINTR)
            return false;
    }
    return true;
}

// Sends what is due of a stream; false if the peer is gone.
static bool proceed(int socket, struct connection *connection) {
    while (connection->stream) {
        if (!put(socket, connection->stream[connection->next])) return false;
        connection->next++;
        if (connection->next == eventCount) {
            connection->stream = NULL;
            answered++;
        } else if (pauseMilliseconds > 0) {
            connection->due = now() + pauseMilliseconds;
            return true;
        }
    }
    return true;
}

// Answers the requests that are there as a whole; false if the connection is to be closed.
static bool answer(int socket, struct connection *connection) {
    while (!connection->stream) {
        char *data = connection->buffer;
        char *headEnd = memmem(data, connection->length, "\r\n\r\n", 4);
        if (!headEnd) return connection->length < 65536;
        size_t headLength = (size_t)(headEnd - data) + 4, bodyLength = 0;
        bool isChunked = false;
        for (char *line = data; line < headEnd;) {
            char *next = memmem(line, (size_t)(headEnd + 2 - line), "\r\n", 2);
            if (strncasecmp(line, "content-length:", 15) == 0) bodyLength = strtoul(line + 15, NULL, 10);
            if (strncasecmp(line, "transfer-encoding:", 18) == 0) isChunked = true;
            line = next + 2;
        }
        if (isChunked) {
            char *last = memmem(headEnd + 4, connection->length - headLength, "0\r\n\r\n", 5);
            if (!last) return true;
            bodyLength = (size_t)(last + 5 - (headEnd + 4));
        }
        size_t total = headLength + bodyLength;
        if (total > largestRequest) return false;
        if (connection->length < total) return true;

        char *lineEnd = memchr(data, '\r', headLength);
        char *pathEnd = lineEnd ? memrchr(data, ' ', (size_t)(lineEnd - data)) : NULL;
        if (!pathEnd) return false;
        if (memcmp(data, "GET", 3) == 0) {
            char body[32];
            snprintf(body, sizeof body, "%ld", answered);
            struct bytes made = whole(body);
            bool isFine = put(socket, made);
            free(made.data);
            if (!isFine) return false;
        } else {
            bool isMessages = pathEnd - data >= 9 && memcmp(pathEnd - 9, "/messages", 9) == 0;
            bool isStream = memmem(data + headLength, bodyLength, "\"stream\":true", 13) ||
                            memmem(data + headLength, bodyLength, "\"stream\": true", 14);
            if (isStream) {
                connection->stream = isMessages ? messageEvents : chatEvents;
                connection->next = 0;
                if (!proceed(socket, connection)) return false;
            } else {
                if (!put(socket, isMessages ? wholeMessage : wholeChat)) return false;
                answered++;
            }
        }
        connection->length -= total;
        memmove(data, data + total, connection->length);
    }
    return true;
}

static void readable(int socket) {
    struct connection *connection = &connections[socket];
    for (;;) {
        if (connection->length == connection->capacity) {
            connection->capacity *= 2;
            connection->buffer = connection->capacity <= 2 * largestRequest
                ? realloc(connection->buffer, connection->capacity) : NULL;
            if (!connection->buffer) abort();
        }
        size_t room = connection->capacity - connection->length;
        ssize_t count = recv(socket, connection->buffer + connection->length, room, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
            end(socket);
            return;
        }
        if (count < 0) return;
        connection->length += (size_t)count;
        if (!answer(socket, connection)) {
            end(socket);
            return;
        }
        if ((size_t)count < room) return;
    }
}

static void welcome(int listener) {
    for (;;) {
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        if (socket >= mostConnections) {
            close(socket);
            continue;
        }
        int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections[socket] = (struct connection){
            .isOpen = true, .buffer = malloc(smallBuffer), .capacity = smallBuffer};
        if (!connections[socket].buffer) abort();
        if (socket > highest) highest = socket;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
        epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
    }
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    pauseMilliseconds = count > 2 ? strtol(arguments[2], NULL, 10) : 0;
    signal(SIGPIPE, SIG_IGN);
    prepare();
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(arguments[1], NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("mock");
        return 1;
    }
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poller, events, 512, pauseMilliseconds > 0 ? 1 : -1);
        for (int index = 0; index < ready; index++) {
            if (events[index].data.fd == listener)
                welcome(listener);
            else if (connections[events[index].data.fd].isOpen)
                readable(events[index].data.fd);
        }
        if (pauseMilliseconds == 0) continue;
        long time = now();
        for (int socket = 0; socket <= highest; socket++) {
            struct connection *connection = &connections[socket];
            if (!connection->isOpen || !connection->stream || connection->due > time) continue;
            if (!proceed(socket, connection) || (!connection->stream && !answer(socket, connection))) end(socket);
        }
    }
}
