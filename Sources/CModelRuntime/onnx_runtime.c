// The C interface of ONNX Runtime: a table of functions, of which those below are used by their
// place. Places never change; the newest function here came with version 15 of the table.

#include "internal.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_VERSION = 15 };

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorInfo OrtTensorInfo;

typedef void (*function)(void);

struct api_base {
  const function *(*get_api)(uint32_t version);
  const char *(*version)(void);
};

// The element types of ONNX Runtime.
enum { ORT_FLOAT = 1, ORT_INT32 = 6, ORT_INT64 = 7, ORT_STRING = 8, ORT_BOOL = 9, ORT_DOUBLE = 11 };

struct onnx_runtime {
  const function *api;
  const char *version;
  OrtEnv *env;
  OrtMemoryInfo *memory;
  OrtAllocator *allocator;
};

typedef struct onnx_session {
  model_session base;
  onnx_runtime *runtime;
  OrtSession *session;
  /// Inputs, then optional inputs.
  model_tensor *inputs;
  size_t input_count;
  size_t optional_count;
  model_tensor *outputs;
  size_t output_count;
} onnx_session;

#define API(runtime, place, ...) ((OrtStatus * (*)(__VA_ARGS__)) (runtime)->api[place])
#define RELEASE(runtime, place, type) ((void (*)(type *))(runtime)->api[place])

/// Whether there is no error; moves the text of one to `message`.
static bool ok(const onnx_runtime *runtime, OrtStatus *status, model_message *message) {
  if (!status) return true;
  const char *text = ((const char *(*)(const OrtStatus *))runtime->api[2])(status);
  model_fail(message, "%s", text);
  RELEASE(runtime, 93, OrtStatus)(status);
  return false;
}

onnx_runtime *onnx_runtime_load(const char *path, model_message *message) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    model_fail(message, "%s", dlerror());
    return NULL;
  }
  const struct api_base *(*get_base)(void) =
      (const struct api_base *(*)(void))dlsym(library, "OrtGetApiBase");
  if (!get_base) {
    model_fail(message, "%s has no OrtGetApiBase", path);
    return NULL;
  }
  const struct api_base *base = get_base();
  const function *api = base->get_api(TABLE_VERSION);
  if (!api) {
    model_fail(message, "%s is version %s; 1.%d or newer is needed", path, base->version(),
               TABLE_VERSION);
    return NULL;
  }
  onnx_runtime *runtime = calloc(1, sizeof *runtime);
  if (!runtime) return NULL;
  runtime->api = api;
  runtime->version = base->version();
  // 3: errors. 1 and 0: the arena, and the memory of the processor.
  if (ok(runtime, API(runtime, 3, int, const char *, OrtEnv **)(3, "limnograph", &runtime->env),
         message) &&
      ok(runtime, API(runtime, 69, int, int, OrtMemoryInfo **)(1, 0, &runtime->memory), message) &&
      ok(runtime, API(runtime, 78, OrtAllocator **)(&runtime->allocator), message))
    return runtime;
  free(runtime);
  return NULL;
}

const char *onnx_runtime_version(const onnx_runtime *runtime) { return runtime->version; }

// MARK: Opening

static model_element element_of(int32_t code) {
  switch (code) {
    case ORT_FLOAT: return MODEL_FLOAT32;
    case ORT_DOUBLE: return MODEL_FLOAT64;
    case ORT_INT32: return MODEL_INT32;
    case ORT_INT64: return MODEL_INT64;
    case ORT_BOOL: return MODEL_BOOL;
    case ORT_STRING: return MODEL_STRING;
    default: return MODEL_OTHER;
  }
}

static int code_of(model_element element) {
  switch (element) {
    case MODEL_FLOAT32: return ORT_FLOAT;
    case MODEL_FLOAT64: return ORT_DOUBLE;
    case MODEL_INT32: return ORT_INT32;
    case MODEL_INT64: return ORT_INT64;
    case MODEL_BOOL: return ORT_BOOL;
    case MODEL_STRING: return ORT_STRING;
    default: return 0;
  }
}

/// Type and shape of a tensor; `info` may be NULL for what is none.
static bool read_shape(
    const onnx_runtime *runtime, const OrtTensorInfo *info, model_element *element, int32_t *code,
    int32_t *rank, int64_t *shape, model_message *message) {
  size_t dimensions = 0;
  int type = 0;
  if (!ok(runtime, API(runtime, 60, const OrtTensorInfo *, int *)(info, &type), message) ||
      !ok(runtime, API(runtime, 61, const OrtTensorInfo *, size_t *)(info, &dimensions), message))
    return false;
  if (dimensions > MODEL_MAX_RANK)
    return model_fail(message, "a tensor of %zu dimensions; at most %d are supported", dimensions,
                      MODEL_MAX_RANK);
  *code = type;
  *element = element_of(type);
  *rank = (int32_t)dimensions;
  return ok(runtime, API(runtime, 62, const OrtTensorInfo *, int64_t *, size_t)(
                         info, shape, dimensions), message);
}

static bool describe(
    onnx_session *session, int type_place, int name_place, size_t index, model_tensor *tensor,
    model_message *message) {
  const onnx_runtime *runtime = session->runtime;
  char *name = NULL;
  OrtTypeInfo *type = NULL;
  const OrtTensorInfo *info = NULL;
  if (!ok(runtime,
          API(runtime, name_place, const OrtSession *, size_t, OrtAllocator *, char **)(
              session->session, index, runtime->allocator, &name),
          message))
    return false;
  tensor->name = strdup(name);
  (void)ok(runtime, API(runtime, 76, OrtAllocator *, void *)(runtime->allocator, name), message);
  if (!ok(runtime, API(runtime, type_place, const OrtSession *, size_t, OrtTypeInfo **)(
                       session->session, index, &type), message) ||
      !ok(runtime, API(runtime, 55, const OrtTypeInfo *, const OrtTensorInfo **)(type, &info),
          message))
    return false;
  tensor->type_code = -1;
  tensor->rank = -1;
  bool done = !info || read_shape(runtime, info, &tensor->element, &tensor->type_code,
                                  &tensor->rank, tensor->shape, message);
  RELEASE(runtime, 98, OrtTypeInfo)(type);
  return done;
}

static bool describe_all(onnx_session *session, model_message *message) {
  const onnx_runtime *runtime = session->runtime;
  size_t *const counts[] = {
      &session->input_count, &session->output_count, &session->optional_count};
  for (int part = 0; part < 3; part++) {
    if (!ok(runtime, API(runtime, 30 + part, const OrtSession *, size_t *)(
                         session->session, counts[part]), message))
      return false;
  }
  session->inputs =
      calloc(session->input_count + session->optional_count + 1, sizeof *session->inputs);
  session->outputs = calloc(session->output_count + 1, sizeof *session->outputs);
  if (!session->inputs || !session->outputs) return model_fail(message, "no memory");
  for (size_t i = 0; i < session->input_count; i++)
    if (!describe(session, 33, 36, i, &session->inputs[i], message)) return false;
  for (size_t i = 0; i < session->optional_count; i++)
    if (!describe(session, 35, 38, i, &session->inputs[session->input_count + i], message))
      return false;
  for (size_t i = 0; i < session->output_count; i++)
    if (!describe(session, 34, 37, i, &session->outputs[i], message)) return false;
  return true;
}

static void close_session(model_session *base) {
  onnx_session *session = (onnx_session *)base;
  if (session->session) RELEASE(session->runtime, 95, OrtSession)(session->session);
  for (size_t i = 0; session->inputs && i < session->input_count + session->optional_count; i++)
    free((void *)session->inputs[i].name);
  for (size_t i = 0; session->outputs && i < session->output_count; i++)
    free((void *)session->outputs[i].name);
  free(session->inputs);
  free(session->outputs);
  free(session);
}

static bool run_session(
    model_session *base, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message);

model_session *onnx_session_open(
    onnx_runtime *runtime, const char *path, const char *operators, model_message *message) {
  onnx_session *session = calloc(1, sizeof *session);
  if (!session) return NULL;
  session->base.run = run_session;
  session->base.close = close_session;
  session->runtime = runtime;
  OrtSessionOptions *options = NULL;
  void *library = NULL;
  // One thread each within and across operators: the answer must not hang on the machine, and the
  // workers are threads enough.
  bool opened =
      ok(runtime, API(runtime, 10, OrtSessionOptions **)(&options), message) &&
      ok(runtime, API(runtime, 24, OrtSessionOptions *, int)(options, 1), message) &&
      ok(runtime, API(runtime, 25, OrtSessionOptions *, int)(options, 1), message) &&
      (!operators ||
       ok(runtime, API(runtime, 29, OrtSessionOptions *, const char *, void **)(
                       options, operators, &library), message)) &&
      ok(runtime,
         API(runtime, 7, const OrtEnv *, const char *, const OrtSessionOptions *, OrtSession **)(
             runtime->env, path, options, &session->session),
         message) &&
      describe_all(session, message);
  if (options) RELEASE(runtime, 100, OrtSessionOptions)(options);
  if (opened) return &session->base;
  close_session(&session->base);
  return NULL;
}

size_t onnx_session_count(const model_session *base, onnx_part part) {
  const onnx_session *session = (const onnx_session *)base;
  switch (part) {
    case ONNX_INPUTS: return session->input_count;
    case ONNX_OUTPUTS: return session->output_count;
    default: return session->optional_count;
  }
}

model_tensor onnx_session_tensor(const model_session *base, onnx_part part, size_t index) {
  const onnx_session *session = (const onnx_session *)base;
  switch (part) {
    case ONNX_INPUTS: return session->inputs[index];
    case ONNX_OUTPUTS: return session->outputs[index];
    default: return session->inputs[session->input_count + index];
  }
}

// MARK: Running

static bool fill_strings(
    const onnx_runtime *runtime, const model_input *input, OrtValue *value,
    model_message *message) {
  for (size_t i = 0; i < input->count; i++) {
    size_t length = input->offsets[i + 1] - input->offsets[i];
    char *buffer = NULL;
    // Not by C strings, which end at the first zero.
    if (!ok(runtime, API(runtime, 252, OrtValue *, size_t, size_t, char **)(
                         value, i, length, &buffer), message))
      return false;
    if (length) memcpy(buffer, input->bytes + input->offsets[i], length);
  }
  return true;
}

static bool make_value(
    const onnx_runtime *runtime, const model_input *input, OrtValue **value,
    model_message *message) {
  if (input->element == MODEL_STRING)
    return ok(runtime,
              API(runtime, 48, OrtAllocator *, const int64_t *, size_t, int, OrtValue **)(
                  runtime->allocator, input->shape, (size_t)input->rank, ORT_STRING, value),
              message) &&
           fill_strings(runtime, input, *value, message);
  return ok(runtime,
            API(runtime, 49, const OrtMemoryInfo *, void *, size_t, const int64_t *, size_t, int,
                OrtValue **)(
                runtime->memory, (void *)input->values,
                input->count * model_element_size(input->element), input->shape,
                (size_t)input->rank, code_of(input->element), value),
            message);
}

static bool read_strings(
    const onnx_runtime *runtime, OrtValue *value, model_output *output, model_message *message) {
  size_t size = 0;
  if (!ok(runtime, API(runtime, 53, const OrtValue *, size_t *)(value, &size), message))
    return false;
  output->bytes = malloc(size ? size : 1);
  output->offsets = malloc((output->count + 1) * sizeof *output->offsets);
  size_t *starts = malloc((output->count + 1) * sizeof *starts);
  bool done = output->bytes && output->offsets && starts;
  if (!done) model_fail(message, "no memory for a result of %zu bytes", size);
  done = done && (output->count == 0 ||
                  ok(runtime,
                     API(runtime, 54, const OrtValue *, void *, size_t, size_t *, size_t)(
                         value, output->bytes, size, starts, output->count),
                     message));
  if (done) {
    for (size_t i = 0; i < output->count; i++) output->offsets[i] = starts[i];
    output->offsets[output->count] = size;
  }
  free(starts);
  return done;
}

static bool read_value(
    const onnx_runtime *runtime, OrtValue *value, model_output *output, model_message *message) {
  OrtTensorInfo *info = NULL;
  int is_tensor = 0;
  if (!ok(runtime, API(runtime, 50, const OrtValue *, int *)(value, &is_tensor), message))
    return false;
  if (!is_tensor) return model_fail(message, "a result is no tensor");
  if (!ok(runtime, API(runtime, 65, const OrtValue *, OrtTensorInfo **)(value, &info), message))
    return false;
  int32_t code = 0;
  bool done = read_shape(
      runtime, info, &output->element, &code, &output->rank, output->shape, message);
  RELEASE(runtime, 99, OrtTensorInfo)(info);
  if (!done) return false;
  output->count = 1;
  for (int32_t i = 0; i < output->rank; i++) output->count *= (size_t)output->shape[i];
  if (output->element == MODEL_STRING) return read_strings(runtime, value, output, message);
  size_t size = output->count * model_element_size(output->element);
  void *data = NULL;
  return ok(runtime, API(runtime, 51, OrtValue *, void **)(value, &data), message) &&
         model_output_copy(output, data, size, message);
}

static bool run_session(
    model_session *base, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message) {
  onnx_session *session = (onnx_session *)base;
  const onnx_runtime *runtime = session->runtime;
  OrtValue **values = calloc(input_count + output_count + 1, sizeof *values);
  const char **names = calloc(input_count + output_count + 1, sizeof *names);
  bool done = values && names;
  for (size_t i = 0; done && i < input_count; i++) {
    names[i] = session->inputs[inputs[i]].name;
    done = make_value(runtime, &tensors[i], &values[i], message);
  }
  OrtValue **results = values + input_count;
  const char **result_names = names + input_count;
  for (size_t i = 0; done && i < output_count; i++)
    result_names[i] = session->outputs[wanted[i]].name;
  done = done &&
         ok(runtime,
            API(runtime, 9, OrtSession *, const void *, const char *const *,
                const OrtValue *const *, size_t, const char *const *, size_t, OrtValue **)(
                session->session, NULL, names, (const OrtValue *const *)values, input_count,
                result_names, output_count, results),
            message);
  for (size_t i = 0; done && i < output_count; i++)
    done = read_value(runtime, results[i], &outputs[i], message);
  for (size_t i = 0; values && i < input_count + output_count; i++)
    if (values[i]) RELEASE(runtime, 96, OrtValue)(values[i]);
  free(values);
  free(names);
  return done;
}
