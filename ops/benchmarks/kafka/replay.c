// A broker that serves the lines of a file, from memory, as fast as a consumer can take them.
//
//   replay FILE TOPIC PARTITIONS        prints its address; ends with its standard input
//
// For benchmarks only: what it says has not been compared with Kafka, but that librdkafka 2.0 and
// 2.16 take it. Line i is a message of partition i mod PARTITIONS. The record batches are made once;
// an answer to Fetch is a head and a range of them. Knows no group, transaction or other writer.
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FETCH = 1, LIST_OFFSETS = 2, METADATA = 3, API_VERSIONS = 18 };
enum { BATCH = 500, MOST_PARTITIONS = 64, HEAD = 61, HEAP = 64 << 10 };
// The only versions that are answered.
static const int16_t versions[][3] = {
    {0, 0, 7}, {FETCH, 4, 11}, {LIST_OFFSETS, 0, 1}, {METADATA, 1, 1}, {API_VERSIONS, 0, 0}};

typedef struct {
  char *bytes;
  size_t used, room;
  size_t *starts;  // of batches, and the end
  int64_t count, base;
  size_t batches, places;
} Log;

static Log logs[MOST_PARTITIONS];
static int partitions, port;
static const char *topic;

// Big-endian bytes, written to or read from one after the other.
typedef struct {
  char *at;
} Cursor;

#define FIELD(bits)                                                        \
  static void put##bits(Cursor *c, int##bits##_t value) {                  \
    uint##bits##_t raw = htobe##bits((uint##bits##_t)value);               \
    memcpy(c->at, &raw, sizeof raw);                                       \
    c->at += sizeof raw;                                                   \
  }                                                                        \
  static int##bits##_t get##bits(Cursor *c) {                              \
    uint##bits##_t raw;                                                    \
    memcpy(&raw, c->at, sizeof raw);                                       \
    c->at += sizeof raw;                                                   \
    return (int##bits##_t)be##bits##toh(raw);                              \
  }
FIELD(16)
FIELD(32)
FIELD(64)

static void put_text(Cursor *c, const char *text) {
  size_t length = strlen(text);
  put16(c, (int16_t)length);
  memcpy(c->at, text, length);
  c->at += length;
}

static void skip_text(Cursor *c) {
  int16_t length = get16(c);
  if (length > 0) c->at += length;
}

static void put_varint(Cursor *c, int64_t value) {
  uint64_t zigzag = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
  for (; zigzag >= 0x80; zigzag >>= 7) *c->at++ = (char)(zigzag | 0x80);
  *c->at++ = (char)zigzag;
}

static int varint_size(int64_t value) {
  char bytes[10];
  Cursor c = {bytes};
  put_varint(&c, value);
  return (int)(c.at - bytes);
}

static uint32_t crc32c(const char *bytes, size_t count) {
  static uint32_t table[256];
  if (!table[1])
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t sum = i;
      for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0x82F63B78 : 0);
      table[i] = sum;
    }
  uint32_t sum = ~0u;
  while (count--) sum = table[(sum ^ (uint8_t)*bytes++) & 0xFF] ^ sum >> 8;
  return ~sum;
}

// Writes the head of the batch that was begun last.
static void end_batch(Log *log) {
  int32_t records = (int32_t)(log->count - log->base);
  if (!records) return;
  char *batch = log->bytes + log->starts[log->batches++];
  int32_t size = (int32_t)(log->bytes + log->used - batch);
  Cursor c = {batch};
  put64(&c, log->base);
  put32(&c, size - 12);
  put32(&c, 0);  // epoch of the leader
  *c.at++ = 2;   // format
  Cursor sum = c;
  put32(&c, 0);
  char *summed = c.at;
  put16(&c, 0);  // no compression, no transaction
  put32(&c, records - 1);
  put64(&c, 1750000000000);
  put64(&c, 1750000000000);
  put64(&c, -1);  // no idempotent producer
  put16(&c, -1);
  put32(&c, -1);
  put32(&c, records);
  put32(&sum, (int32_t)crc32c(summed, (size_t)(batch + size - summed)));
  log->base = log->count;
}

static void add(Log *log, const char *line, size_t length) {
  if (log->used + length + HEAD + 64 > log->room) {
    log->room = log->room ? log->room * 2 : 1 << 20;
    if (!(log->bytes = realloc(log->bytes, log->room))) err(1, "log");
  }
  if (log->count == log->base) {
    if (log->batches + 1 >= log->places) {
      log->places = log->places ? log->places * 2 : 1024;
      if (!(log->starts = realloc(log->starts, log->places * sizeof *log->starts))) err(1, "log");
    }
    log->starts[log->batches] = log->used;
    log->used += HEAD;
  }
  int64_t delta = log->count - log->base;
  int64_t size = 1 + 1 + varint_size(delta) + 1 + varint_size((int64_t)length) + (int64_t)length + 1;
  Cursor c = {log->bytes + log->used};
  put_varint(&c, size);
  *c.at++ = 0;  // attributes
  put_varint(&c, 0);  // after the time of the batch
  put_varint(&c, delta);
  put_varint(&c, -1);  // no key
  put_varint(&c, (int64_t)length);
  memcpy(c.at, line, length);
  c.at += length;
  put_varint(&c, 0);  // no headers
  log->used = (size_t)(c.at - log->bytes);
  log->count++;
  if (log->count - log->base == BATCH) end_batch(log);
}

static void load(const char *path) {
  int file = open(path, O_RDONLY);
  struct stat about;
  if (file < 0 || fstat(file, &about)) err(1, "%s", path);
  size_t size = (size_t)about.st_size;
  const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0), *end = bytes + size;
  if (bytes == MAP_FAILED) err(1, "%s", path);
  int number = 0;
  for (const char *line = bytes; line < end; number = (number + 1) % partitions) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    if (!stop) stop = end;
    add(&logs[number], line, (size_t)(stop - line));
    line = stop + 1;
  }
  for (int i = 0; i < partitions; i++) {
    end_batch(&logs[i]);
    if (logs[i].starts) logs[i].starts[logs[i].batches] = logs[i].used;
  }
  munmap((void *)bytes, size);
  close(file);
}

// The range of bytes that answers a question for `offset` with at most `most` bytes; one batch at least.
static struct iovec range(const Log *log, int64_t offset, size_t most) {
  if (offset < 0 || offset >= log->count) return (struct iovec){NULL, 0};
  size_t first = (size_t)offset / BATCH, last = first + 1;
  while (last < log->batches && log->starts[last + 1] - log->starts[first] <= most) last++;
  return (struct iovec){log->bytes + log->starts[first], log->starts[last] - log->starts[first]};
}

static void send_all(int client, struct iovec *parts, int count) {
  while (count) {
    ssize_t sent = writev(client, parts, count);
    if (sent <= 0) pthread_exit(NULL);
    for (; count && (size_t)sent >= parts->iov_len; parts++, count--) sent -= (ssize_t)parts->iov_len;
    if (count) {
      parts->iov_base = (char *)parts->iov_base + sent;
      parts->iov_len -= (size_t)sent;
    }
  }
}

// Heads and records in turn; the first head holds the size, written here.
static void answer(int client, struct iovec *parts, int count) {
  int32_t size = -4;
  for (int i = 0; i < count; i++) size += (int32_t)parts[i].iov_len;
  Cursor c = {parts[0].iov_base};
  put32(&c, size);
  send_all(client, parts, count);
}

static void fetch(int client, Cursor *in, int32_t correlation) {
  char heap[HEAP];
  struct iovec parts[2 * MOST_PARTITIONS + 1];
  int count = 0;
  size_t total = 0;
  Cursor out = {heap + 4}, start = {heap};
  put32(&out, correlation);
  get32(in);  // replica
  int32_t wait = get32(in);
  get32(in);  // least bytes
  size_t most = (size_t)get32(in);
  in->at += 1 + 4 + 4;  // isolation, session
  put32(&out, 0);
  put16(&out, 0);
  put32(&out, 0);  // sessions are not offered
  int32_t topics = get32(in);
  put32(&out, topics);
  for (int32_t t = 0; t < topics; t++) {
    skip_text(in);
    put_text(&out, topic);
    int32_t asked = get32(in);
    put32(&out, asked);
    for (int32_t p = 0; p < asked; p++) {
      int32_t number = get32(in);
      get32(in);  // epoch
      int64_t offset = get64(in);
      get64(in);
      size_t room = (size_t)get32(in);
      const Log *log = &logs[number % partitions];
      size_t left = most > total ? most - total : 0;
      struct iovec records = left ? range(log, offset, room < left ? room : left) : (struct iovec){0};
      put32(&out, number);
      put16(&out, offset > log->count ? 1 : 0);  // OFFSET_OUT_OF_RANGE
      put64(&out, log->count);
      put64(&out, log->count);
      put64(&out, 0);
      put32(&out, -1);  // nothing was aborted
      put32(&out, -1);  // no other replica
      put32(&out, (int32_t)records.iov_len);
      total += records.iov_len;
      parts[count++] = (struct iovec){start.at, (size_t)(out.at - start.at)};
      start = out;
      if (records.iov_len) parts[count++] = records;
    }
  }
  if (out.at > start.at) parts[count++] = (struct iovec){start.at, (size_t)(out.at - start.at)};
  if (!total) usleep((useconds_t)wait * 1000);
  answer(client, parts, count);
}

static void list_offsets(Cursor *in, Cursor *out) {
  get32(in);
  int32_t topics = get32(in);
  put32(out, topics);
  for (int32_t t = 0; t < topics; t++) {
    skip_text(in);
    put_text(out, topic);
    int32_t asked = get32(in);
    put32(out, asked);
    for (int32_t p = 0; p < asked; p++) {
      int32_t number = get32(in);
      int64_t time = get64(in);
      put32(out, number);
      put16(out, 0);
      put64(out, -1);
      put64(out, time == -2 ? 0 : logs[number % partitions].count);
    }
  }
}

static void metadata(Cursor *out) {
  put32(out, 1);
  put32(out, 1);
  put_text(out, "127.0.0.1");
  put32(out, port);
  put16(out, -1);
  put32(out, 1);
  put32(out, 1);
  put16(out, 0);
  put_text(out, topic);
  *out->at++ = 0;
  put32(out, partitions);
  for (int i = 0; i < partitions; i++) {
    put16(out, 0);
    put32(out, i);
    put32(out, 1);
    for (int replicas = 0; replicas < 2; replicas++) {
      put32(out, 1);
      put32(out, 1);
    }
  }
}

static void api_versions(Cursor *out, int16_t version) {
  int count = sizeof versions / sizeof *versions;
  put16(out, version == 0 ? 0 : 35);  // then the client asks once more, with 0
  put32(out, count);
  for (int i = 0; i < count; i++)
    for (int field = 0; field < 3; field++) put16(out, versions[i][field]);
}

static void take(int client, char *bytes, size_t count) {
  while (count) {
    ssize_t got = read(client, bytes, count);
    if (got <= 0) {
      close(client);
      pthread_exit(NULL);
    }
    bytes += got;
    count -= (size_t)got;
  }
}

static void *serve(void *socket) {
  int client = (int)(intptr_t)socket;
  char bytes[HEAP], heap[HEAP];
  for (;;) {
    take(client, bytes, 4);
    Cursor in = {bytes};
    size_t size = (size_t)get32(&in);
    if (size > sizeof bytes) errx(1, "a question of %zu bytes", size);
    take(client, bytes, size);
    in.at = bytes;
    int16_t key = get16(&in), version = get16(&in);
    int32_t correlation = get32(&in);
    skip_text(&in);
    Cursor out = {heap + 4};
    put32(&out, correlation);
    if (key == API_VERSIONS) {
      api_versions(&out, version);
    } else if (key == METADATA && version == 1) {
      metadata(&out);
    } else if (key == LIST_OFFSETS && version == 1) {
      list_offsets(&in, &out);
    } else if (key == FETCH && version == 11) {
      fetch(client, &in, correlation);
      continue;
    } else {
      errx(1, "question %d version %d is not known here", key, version);
    }
    answer(client, &(struct iovec){heap, (size_t)(out.at - heap)}, 1);
  }
}

static void *until_input_ends(void *unused) {
  (void)unused;
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  exit(0);
}

int main(int argc, char **argv) {
  if (argc != 4) errx(2, "replay FILE TOPIC PARTITIONS");
  topic = argv[2];
  partitions = atoi(argv[3]);
  if (partitions < 1 || partitions > MOST_PARTITIONS) errx(2, "1 to %d partitions", MOST_PARTITIONS);
  load(argv[1]);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 16) ||
      getsockname(listener, (struct sockaddr *)&address, &size))
    err(1, "listen");
  port = ntohs(address.sin_port);
  printf("127.0.0.1:%d\n", port);
  fflush(stdout);
  pthread_t thread;
  pthread_create(&thread, NULL, until_input_ends, NULL);
  for (;;) {
    int client = accept(listener, NULL, NULL), one = 1;
    if (client < 0) err(1, "accept");
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    pthread_create(&thread, NULL, serve, (void *)(intptr_t)client);
    pthread_detach(thread);
  }
}
