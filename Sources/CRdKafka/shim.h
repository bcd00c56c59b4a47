#include <librdkafka/rdkafka.h>

/// Hands a copy of a message over; `headers` is owned by the callee on success.
static inline rd_kafka_resp_err_t crdkafka_send(
    rd_kafka_t *client, const char *topic, const void *key, size_t key_size, const void *value,
    size_t value_size, rd_kafka_headers_t *headers) {
  // Variadic, so out of Swift's reach.
  return rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY((void *)key, key_size),
      RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
}
