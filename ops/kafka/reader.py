"""Reads topics with a client that shares no code with librdkafka; committed records only."""
import kafka


def committed(brokers, topic):
    """Every committed record of a topic, partition by partition in order: (key, value, headers)."""
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=brokers, isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="earliest")
    records = []
    try:
        partitions = [kafka.TopicPartition(topic, number)
                      for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(one) < ends[one] for one in partitions):
            for batch in consumer.poll(1000).values():
                records += [(one.key, one.value, tuple(one.headers)) for one in batch]
    finally:
        consumer.close()
    return records
