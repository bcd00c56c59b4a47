// librdkafka's mock cluster as a process: prints its bootstrap servers, then obeys lines of stdin.
//   cc -o mock mock.c $(pkg-config --cflags --libs rdkafka)
//   topic NAME PARTITIONS          makes a topic
//   fail API CODE COUNT            the next COUNT requests of an API fail with an error code
//   down BROKER | up BROKER        a broker ends or comes back
//   delay BROKER MILLISECONDS      a broker answers late
//   lead TOPIC PARTITION BROKER    another broker leads a partition
//   coordinate TYPE KEY BROKER     another broker coordinates a transaction or a group
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  char text[512], line[512];
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, settings, text, sizeof text);
  rd_kafka_mock_cluster_t *cluster =
      client ? rd_kafka_mock_cluster_new(client, argc > 1 ? atoi(argv[1]) : 3) : NULL;
  if (!cluster) return fprintf(stderr, "mock: %s\n", text), 1;
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    char a[256] = "", b[256] = "";
    int x = 0, y = 0, z = 0;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__INVALID_ARG;
    if (sscanf(line, "topic %255s %d", a, &x) == 2)
      code = rd_kafka_mock_topic_create(cluster, a, x, 1);
    else if (sscanf(line, "fail %d %d %d", &x, &y, &z) == 3 && z <= 64) {
      rd_kafka_resp_err_t codes[64];
      for (int i = 0; i < z; i++) codes[i] = (rd_kafka_resp_err_t)y;
      rd_kafka_mock_push_request_errors_array(cluster, (int16_t)x, (size_t)z, codes);
      code = RD_KAFKA_RESP_ERR_NO_ERROR;
    } else if (sscanf(line, "down %d", &x) == 1)
      code = rd_kafka_mock_broker_set_down(cluster, x);
    else if (sscanf(line, "up %d", &x) == 1)
      code = rd_kafka_mock_broker_set_up(cluster, x);
    else if (sscanf(line, "delay %d %d", &x, &y) == 2)
      code = rd_kafka_mock_broker_set_rtt(cluster, x, y);
    else if (sscanf(line, "lead %255s %d %d", a, &x, &y) == 3)
      code = rd_kafka_mock_partition_set_leader(cluster, a, x, y);
    else if (sscanf(line, "coordinate %255s %255s %d", a, b, &x) == 3)
      code = rd_kafka_mock_coordinator_set(cluster, a, b, x);
    printf("%s\n", rd_kafka_err2name(code));
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(client);
  return 0;
}
