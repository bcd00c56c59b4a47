#include "operator_interface.h"

#include <stdlib.h>

// MARK: Declaration

static const operator_definition *definition(const custom_op *op) {
  return (const operator_definition *)op;
}

static const char *name(const custom_op *op) { return definition(op)->name; }

static const char *provider(const custom_op *op) {
  (void)op;
  return "CPUExecutionProvider";
}

static int input_type(const custom_op *op, size_t index) {
  return definition(op)->input_types[index];
}

static int output_type(const custom_op *op, size_t index) {
  return definition(op)->output_types[index];
}

static size_t input_count(const custom_op *op) { return definition(op)->input_count; }

static size_t output_count(const custom_op *op) { return definition(op)->output_count; }

static int required(const custom_op *op, size_t index) {
  (void)op, (void)index;
  return REQUIRED;
}

static int cpu(const custom_op *op, size_t index) {
  (void)op, (void)index;
  return CPU;
}

static int none(const custom_op *op) {
  (void)op;
  return 0;
}

operator_definition define_operator(
    const char *own_name, size_t inputs, const int *input_types, size_t outputs,
    const int *output_types,
    OrtStatus *(*create)(const custom_op *, const function *, const OrtKernelInfo *, void **),
    OrtStatus *(*compute)(void *, OrtKernelContext *), void (*destroy)(void *)) {
  operator_definition made = {
      {TABLE_VERSION, NULL, name, provider, input_type, input_count, output_type, output_count,
       NULL, destroy, required, required, cpu, none, none, none, none, create, compute},
      own_name, {0}, {0}, inputs, outputs};
  for (size_t i = 0; i < inputs; i++) made.input_types[i] = input_types[i];
  for (size_t i = 0; i < outputs; i++) made.output_types[i] = output_types[i];
  return made;
}

// MARK: Tensors

OrtStatus *fail(const function *api, const char *message) {
  return ((OrtStatus * (*)(int, const char *)) api[0])(INVALID_ARGUMENT, message);
}

OrtStatus *read_attribute(
    const function *api, const OrtKernelInfo *info, const char *attribute, uint64_t *value) {
  int64_t number = 0;
  OrtStatus *status =
      API(api, 86, const OrtKernelInfo *, const char *, int64_t *)(info, attribute, &number);
  *value = (uint64_t)number;
  return status;
}

static OrtStatus *read_input(
    const function *api, const OrtKernelContext *context, size_t input, const OrtValue **value) {
  return API(api, 90, const OrtKernelContext *, size_t, const OrtValue **)(context, input, value);
}

static OrtStatus *read_shape(const function *api, const OrtValue *value, tensor_shape *shape) {
  OrtTensorInfo *info = NULL;
  OrtStatus *status = API(api, 65, const OrtValue *, OrtTensorInfo **)(value, &info);
  if (status) return status;
  status = API(api, 61, const OrtTensorInfo *, size_t *)(info, &shape->rank);
  if (!status) status = API(api, 64, const OrtTensorInfo *, size_t *)(info, &shape->count);
  if (!status) {
    shape->sizes = malloc((shape->rank + 1) * sizeof *shape->sizes);
    status = shape->sizes ? API(api, 62, const OrtTensorInfo *, int64_t *, size_t)(
                                info, shape->sizes, shape->rank)
                          : fail(api, "no memory");
  }
  ((void (*)(OrtTensorInfo *))api[99])(info);
  return status;
}

OrtStatus *read_strings(
    const function *api, const OrtKernelContext *context, size_t input, string_tensor *tensor) {
  *tensor = (string_tensor){{NULL, 0, 0}, NULL, NULL};
  const OrtValue *value = NULL;
  size_t size = 0;
  OrtStatus *status = read_input(api, context, input, &value);
  if (!status) status = read_shape(api, value, &tensor->shape);
  if (!status) status = API(api, 53, const OrtValue *, size_t *)(value, &size);
  if (status) return status;
  size_t count = tensor->shape.count;
  tensor->bytes = malloc(size ? size : 1);
  tensor->starts = malloc((count + 1) * sizeof *tensor->starts);
  if (!tensor->bytes || !tensor->starts) return fail(api, "no memory");
  if (count)
    status = API(api, 54, const OrtValue *, void *, size_t, size_t *, size_t)(
        value, tensor->bytes, size, tensor->starts, count);
  tensor->starts[count] = size;
  return status;
}

void free_strings(string_tensor *tensor) {
  free(tensor->shape.sizes);
  free(tensor->bytes);
  free(tensor->starts);
}

OrtStatus *read_numbers(
    const function *api, const OrtKernelContext *context, size_t input, const int64_t **numbers,
    size_t *count) {
  const OrtValue *value = NULL;
  tensor_shape shape = {NULL, 0, 0};
  OrtStatus *status = read_input(api, context, input, &value);
  if (!status) status = read_shape(api, value, &shape);
  if (!status) status = API(api, 51, const OrtValue *, void **)(value, (void **)numbers);
  *count = shape.count;
  free(shape.sizes);
  return status;
}

OrtStatus *make_output(
    const function *api, OrtKernelContext *context, size_t output, const int64_t *sizes,
    size_t rank, OrtValue **value) {
  return API(api, 91, OrtKernelContext *, size_t, const int64_t *, size_t, OrtValue **)(
      context, output, sizes, rank, value);
}

OrtStatus *make_numbers(
    const function *api, OrtKernelContext *context, size_t output, const int64_t *sizes,
    size_t rank, int64_t **numbers) {
  OrtValue *value = NULL;
  OrtStatus *status = make_output(api, context, output, sizes, rank, &value);
  return status ? status : API(api, 51, OrtValue *, void **)(value, (void **)numbers);
}

OrtStatus *make_string(
    const function *api, OrtValue *value, size_t index, size_t length, char **bytes) {
  return API(api, 252, OrtValue *, size_t, size_t, char **)(value, index, length, bytes);
}
