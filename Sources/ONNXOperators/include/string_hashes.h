// The two hashes by which strings are put into buckets, as TensorFlow has them.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// FarmHash's Fingerprint64: `tf.strings.to_hash_bucket_fast` is this modulo the number of buckets.
uint64_t string_fingerprint64(const uint8_t *bytes, size_t count);

/// SipHash-2-4: `tf.strings.to_hash_bucket_strong` is this modulo the number of buckets.
uint64_t string_siphash(const uint8_t *bytes, size_t count, uint64_t key0, uint64_t key1);
