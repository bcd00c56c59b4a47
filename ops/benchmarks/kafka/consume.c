// Reads a topic and does nothing with it: what a consumer costs at least.
//
//   consume BROKERS TOPIC PARTITIONS COUNT
//
// Batches of messages from one queue, each destroyed where it lies; the settings are those of limno.
#include <err.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 5) errx(2, "consume BROKERS TOPIC PARTITIONS COUNT");
  const char *settings[][2] = {
      {"bootstrap.servers", argv[1]}, {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "error"},
      {"isolation.level", "read_committed"}, {"fetch.wait.max.ms", "50"},
      {"queued.min.messages", "1000000"}, {"queued.max.messages.kbytes", "65536"}};
  char text[512];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text, sizeof text)) errx(1, "%s", text);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!client) errx(1, "%s", text);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[2], NULL);
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  for (int i = 0; i < atoi(argv[3]); i++)
    if (rd_kafka_consume_start_queue(topic, i, 0, queue)) errx(1, "partition %d", i);
  long wanted = atol(argv[4]), count = 0;
  size_t bytes = 0;
  static rd_kafka_message_t *messages[1024];
  while (count < wanted) {
    ssize_t got = rd_kafka_consume_batch_queue(queue, 100, messages, 1024);
    for (ssize_t i = 0; i < got; i++) {
      if (messages[i]->err) errx(1, "%s", rd_kafka_message_errstr(messages[i]));
      bytes += messages[i]->len;
      count++;
      rd_kafka_message_destroy(messages[i]);
    }
  }
  printf("%ld messages, %zu bytes\n", count, bytes);
  fflush(stdout);
  _Exit(0);
}
