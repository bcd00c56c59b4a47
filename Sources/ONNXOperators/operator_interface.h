// The part of ONNX Runtime's interface that operators need: a table of functions, named by their
// place, which never changes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_VERSION = 16, INT64 = 7, STRING = 8, INVALID_ARGUMENT = 2, REQUIRED = 0, CPU = 0 };

typedef struct OrtStatus OrtStatus;
typedef struct OrtKernelInfo OrtKernelInfo;
typedef struct OrtKernelContext OrtKernelContext;
typedef struct OrtValue OrtValue;
typedef struct OrtTensorInfo OrtTensorInfo;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtCustomOpDomain OrtCustomOpDomain;

typedef void (*function)(void);

#define API(api, place, ...) ((OrtStatus * (*)(__VA_ARGS__)) (api)[place])

/// `OrtCustomOp` of version 16.
typedef struct custom_op {
  uint32_t version;
  void *(*create_kernel)(const struct custom_op *, const function *, const OrtKernelInfo *);
  const char *(*name)(const struct custom_op *);
  const char *(*provider)(const struct custom_op *);
  int (*input_type)(const struct custom_op *, size_t);
  size_t (*input_count)(const struct custom_op *);
  int (*output_type)(const struct custom_op *, size_t);
  size_t (*output_count)(const struct custom_op *);
  void (*compute)(void *, OrtKernelContext *);
  void (*destroy)(void *);
  int (*input_characteristic)(const struct custom_op *, size_t);
  int (*output_characteristic)(const struct custom_op *, size_t);
  int (*input_memory)(const struct custom_op *, size_t);
  int (*variadic_input_arity)(const struct custom_op *);
  int (*variadic_input_homogeneity)(const struct custom_op *);
  int (*variadic_output_arity)(const struct custom_op *);
  int (*variadic_output_homogeneity)(const struct custom_op *);
  OrtStatus *(*create_kernel_2)(
      const struct custom_op *, const function *, const OrtKernelInfo *, void **);
  OrtStatus *(*compute_2)(void *, OrtKernelContext *);
} custom_op;

/// An operator of the library.
typedef struct operator_definition {
  custom_op table;
  const char *name;
  int input_types[4], output_types[2];
  size_t input_count, output_count;
} operator_definition;

/// A definition whose kernel `create` makes, `compute` runs and `destroy` ends.
operator_definition define_operator(
    const char *name, size_t input_count, const int *input_types, size_t output_count,
    const int *output_types,
    OrtStatus *(*create)(const custom_op *, const function *, const OrtKernelInfo *, void **),
    OrtStatus *(*compute)(void *, OrtKernelContext *), void (*destroy)(void *));

OrtStatus *fail(const function *api, const char *message);

OrtStatus *read_attribute(
    const function *api, const OrtKernelInfo *info, const char *name, uint64_t *value);

/// The shape of a tensor, and how many elements it has.
typedef struct tensor_shape {
  int64_t *sizes;
  size_t rank, count;
} tensor_shape;

/// A tensor of strings: string `i` is `bytes[starts[i]..<starts[i + 1]]`.
typedef struct string_tensor {
  tensor_shape shape;
  uint8_t *bytes;
  size_t *starts;
} string_tensor;

/// Whoever reads a tensor frees it, after an error too.
OrtStatus *read_strings(
    const function *api, const OrtKernelContext *context, size_t input, string_tensor *tensor);
void free_strings(string_tensor *tensor);

/// The numbers of an input, which lie in it; `count` of them.
OrtStatus *read_numbers(
    const function *api, const OrtKernelContext *context, size_t input, const int64_t **numbers,
    size_t *count);

OrtStatus *make_output(
    const function *api, OrtKernelContext *context, size_t output, const int64_t *sizes,
    size_t rank, OrtValue **value);

/// An output of numbers, which are to be written to `numbers`.
OrtStatus *make_numbers(
    const function *api, OrtKernelContext *context, size_t output, const int64_t *sizes,
    size_t rank, int64_t **numbers);

/// Room for string `index` of an output.
OrtStatus *make_string(
    const function *api, OrtValue *value, size_t index, size_t length, char **bytes);
