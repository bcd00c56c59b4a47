#include "operators.h"
#include "string_hashes.h"

#include <stdlib.h>

typedef struct hash_kernel {
  const function *api;
  bool is_strong;
  uint64_t bucket_count, key0, key1;
} hash_kernel;

static OrtStatus *create(
    const function *api, const OrtKernelInfo *info, bool is_strong, void **result) {
  hash_kernel kernel = {api, is_strong, 0, 0, 0};
  OrtStatus *status = read_attribute(api, info, "num_buckets", &kernel.bucket_count);
  if (!status && is_strong) status = read_attribute(api, info, "key_0", &kernel.key0);
  if (!status && is_strong) status = read_attribute(api, info, "key_1", &kernel.key1);
  if (status) return status;
  if ((int64_t)kernel.bucket_count < 1) return fail(api, "num_buckets must be positive");
  hash_kernel *copy = malloc(sizeof *copy);
  if (!copy) return fail(api, "no memory");
  *copy = kernel;
  *result = copy;
  return NULL;
}

static OrtStatus *create_fast(
    const custom_op *op, const function *api, const OrtKernelInfo *info, void **result) {
  (void)op;
  return create(api, info, false, result);
}

static OrtStatus *create_strong(
    const custom_op *op, const function *api, const OrtKernelInfo *info, void **result) {
  (void)op;
  return create(api, info, true, result);
}

static OrtStatus *compute(void *state, OrtKernelContext *context) {
  const hash_kernel *kernel = state;
  string_tensor x;
  int64_t *buckets = NULL;
  OrtStatus *status = read_strings(kernel->api, context, 0, &x);
  if (!status)
    status = make_numbers(kernel->api, context, 0, x.shape.sizes, x.shape.rank, &buckets);
  for (size_t i = 0; !status && i < x.shape.count; i++) {
    const uint8_t *text = x.bytes + x.starts[i];
    size_t length = x.starts[i + 1] - x.starts[i];
    uint64_t hash = kernel->is_strong
                        ? string_siphash(text, length, kernel->key0, kernel->key1)
                        : string_fingerprint64(text, length);
    buckets[i] = (int64_t)(hash % kernel->bucket_count);
  }
  free_strings(&x);
  return status;
}

operator_definition fast_hash_operator(void) {
  return define_operator(
      "StringToHashBucketFast", 1, (int[]){STRING}, 1, (int[]){INT64}, create_fast, compute, free);
}

operator_definition strong_hash_operator(void) {
  return define_operator(
      "StringToHashBucketStrong", 1, (int[]){STRING}, 1, (int[]){INT64}, create_strong, compute,
      free);
}
