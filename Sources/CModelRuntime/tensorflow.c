// The C interface of TensorFlow, as far as running a SavedModel takes.

#include "internal.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct TF_Status TF_Status;
typedef struct TF_Graph TF_Graph;
typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions;
typedef struct TF_Operation TF_Operation;
typedef struct TF_Tensor TF_Tensor;

typedef struct TF_Buffer {
  const void *data;
  size_t length;
  void (*deallocate)(void *, size_t);
} TF_Buffer;

typedef struct TF_Output {
  TF_Operation *operation;
  int index;
} TF_Output;

/// Opaque: 24 bytes, small strings inside.
typedef struct TF_String {
  uint64_t words[3];
} TF_String;

enum { TF_FLOAT = 1, TF_DOUBLE = 2, TF_INT32 = 3, TF_STRING = 7, TF_INT64 = 9, TF_BOOL = 10 };

// What is used, by name: return type, name, parameters.
#define FUNCTIONS(X)                                                                              \
  X(const char *, Version, (void))                                                                \
  X(TF_Status *, NewStatus, (void))                                                               \
  X(void, DeleteStatus, (TF_Status *))                                                            \
  X(int, GetCode, (const TF_Status *))                                                            \
  X(const char *, Message, (const TF_Status *))                                                   \
  X(TF_Buffer *, NewBuffer, (void))                                                               \
  X(void, DeleteBuffer, (TF_Buffer *))                                                            \
  X(TF_Graph *, NewGraph, (void))                                                                 \
  X(void, DeleteGraph, (TF_Graph *))                                                              \
  X(TF_Operation *, GraphOperationByName, (TF_Graph *, const char *))                             \
  X(int, OperationNumOutputs, (TF_Operation *))                                                   \
  X(TF_SessionOptions *, NewSessionOptions, (void))                                               \
  X(void, DeleteSessionOptions, (TF_SessionOptions *))                                            \
  X(void, SetConfig, (TF_SessionOptions *, const void *, size_t, TF_Status *))                    \
  X(TF_Session *, LoadSessionFromSavedModel,                                                      \
    (const TF_SessionOptions *, const TF_Buffer *, const char *, const char *const *, int,        \
     TF_Graph *, TF_Buffer *, TF_Status *))                                                       \
  X(void, CloseSession, (TF_Session *, TF_Status *))                                              \
  X(void, DeleteSession, (TF_Session *, TF_Status *))                                             \
  X(void, SessionRun,                                                                             \
    (TF_Session *, const TF_Buffer *, const TF_Output *, TF_Tensor *const *, int,                 \
     const TF_Output *, TF_Tensor **, int, const TF_Operation *const *, int, TF_Buffer *,         \
     TF_Status *))                                                                                \
  X(TF_Tensor *, AllocateTensor, (int, const int64_t *, int, size_t))                             \
  X(void, DeleteTensor, (TF_Tensor *))                                                            \
  X(int, TensorType, (const TF_Tensor *))                                                         \
  X(int, NumDims, (const TF_Tensor *))                                                            \
  X(int64_t, Dim, (const TF_Tensor *, int))                                                       \
  X(void *, TensorData, (const TF_Tensor *))                                                      \
  X(void, StringInit, (TF_String *))                                                              \
  X(void, StringAssignView, (TF_String *, const char *, size_t))                                  \
  X(const char *, StringGetDataPointer, (const TF_String *))                                      \
  X(size_t, StringGetSize, (const TF_String *))

struct tensorflow_runtime {
#define MEMBER(result, name, parameters) result(*name) parameters;
  FUNCTIONS(MEMBER)
#undef MEMBER
};

typedef struct outputs {
  TF_Output *items;
  size_t count;
} outputs_list;

typedef struct tensorflow_session {
  model_session base;
  tensorflow_runtime *runtime;
  TF_Graph *graph;
  TF_Session *session;
  TF_Buffer *meta_graph;
  outputs_list inputs;
  outputs_list outputs;
} tensorflow_session;

/// Sends the standard error nowhere, unless the user wants TensorFlow's notes; returns what
/// `be_loud` takes back. Some notes are written before TensorFlow looks at its log level.
static int be_quiet(void) {
  if (getenv("LIMNO_TENSORFLOW_LOG")) return -1;
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return -1;
  fflush(stderr);
  int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0) dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return kept;
}

static void be_loud(int kept) {
  if (kept < 0) return;
  fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
}

tensorflow_runtime *tensorflow_load(const char *path, model_message *message) {
  // Before the library reads them: no notes on the standard error, and kernels whose sums have one
  // order. What the user has set stays.
  setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0);
  setenv("TF_ENABLE_ONEDNN_OPTS", "0", 0);
  int kept = be_quiet();
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  be_loud(kept);
  if (!library) {
    model_fail(message, "%s", dlerror());
    return NULL;
  }
  tensorflow_runtime *runtime = calloc(1, sizeof *runtime);
  if (!runtime) return NULL;
#define FIND(result, name, parameters)                                  \
  runtime->name = (result(*) parameters)dlsym(library, "TF_" #name);    \
  if (!runtime->name) {                                                 \
    model_fail(message, "%s has no TF_" #name, path);                   \
    free(runtime);                                                      \
    return NULL;                                                        \
  }
  FUNCTIONS(FIND)
#undef FIND
  return runtime;
}

const char *tensorflow_version(const tensorflow_runtime *runtime) { return runtime->Version(); }

// MARK: Opening

static bool ok(
    const tensorflow_runtime *runtime, const TF_Status *status, model_message *message) {
  return runtime->GetCode(status) == 0 || model_fail(message, "%s", runtime->Message(status));
}

static void close_session(model_session *base) {
  tensorflow_session *session = (tensorflow_session *)base;
  tensorflow_runtime *runtime = session->runtime;
  TF_Status *status = runtime->NewStatus();
  if (session->session) {
    runtime->CloseSession(session->session, status);
    runtime->DeleteSession(session->session, status);
  }
  runtime->DeleteStatus(status);
  if (session->graph) runtime->DeleteGraph(session->graph);
  if (session->meta_graph) runtime->DeleteBuffer(session->meta_graph);
  free(session->inputs.items);
  free(session->outputs.items);
  free(session);
}

static bool run_session(
    model_session *base, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message);

model_session *tensorflow_session_open(
    tensorflow_runtime *runtime, const char *directory, const char *tag,
    const uint8_t *configuration, size_t configuration_size, model_message *message) {
  tensorflow_session *session = calloc(1, sizeof *session);
  if (!session) return NULL;
  session->base.run = run_session;
  session->base.close = close_session;
  session->runtime = runtime;
  session->graph = runtime->NewGraph();
  session->meta_graph = runtime->NewBuffer();
  TF_Status *status = runtime->NewStatus();
  TF_SessionOptions *options = runtime->NewSessionOptions();
  runtime->SetConfig(options, configuration, configuration_size, status);
  bool opened = ok(runtime, status, message);
  if (opened) {
    int kept = be_quiet();
    session->session = runtime->LoadSessionFromSavedModel(
        options, NULL, directory, &tag, 1, session->graph, session->meta_graph, status);
    be_loud(kept);
    opened = ok(runtime, status, message);
  }
  runtime->DeleteSessionOptions(options);
  runtime->DeleteStatus(status);
  if (opened) return &session->base;
  close_session(&session->base);
  return NULL;
}

const uint8_t *tensorflow_session_graph(const model_session *base, size_t *size) {
  const tensorflow_session *session = (const tensorflow_session *)base;
  *size = session->meta_graph->length;
  return session->meta_graph->data;
}

bool tensorflow_session_add(
    model_session *base, bool is_output, const char *operation, int32_t index,
    model_message *message) {
  tensorflow_session *session = (tensorflow_session *)base;
  outputs_list *list = is_output ? &session->outputs : &session->inputs;
  TF_Operation *found = session->runtime->GraphOperationByName(session->graph, operation);
  if (!found || index < 0 || index >= session->runtime->OperationNumOutputs(found))
    return model_fail(message, "the graph has no tensor %s:%d", operation, (int)index);
  TF_Output *items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (!items) return model_fail(message, "no memory");
  list->items = items;
  items[list->count++] = (TF_Output){found, index};
  return true;
}

// MARK: Running

static int code_of(model_element element) {
  switch (element) {
    case MODEL_FLOAT32: return TF_FLOAT;
    case MODEL_FLOAT64: return TF_DOUBLE;
    case MODEL_INT32: return TF_INT32;
    case MODEL_INT64: return TF_INT64;
    case MODEL_BOOL: return TF_BOOL;
    case MODEL_STRING: return TF_STRING;
    default: return 0;
  }
}

static model_element element_of(int code) {
  switch (code) {
    case TF_FLOAT: return MODEL_FLOAT32;
    case TF_DOUBLE: return MODEL_FLOAT64;
    case TF_INT32: return MODEL_INT32;
    case TF_INT64: return MODEL_INT64;
    case TF_BOOL: return MODEL_BOOL;
    case TF_STRING: return MODEL_STRING;
    default: return MODEL_OTHER;
  }
}

static TF_Tensor *make_tensor(
    const tensorflow_runtime *runtime, const model_input *input, model_message *message) {
  bool is_text = input->element == MODEL_STRING;
  size_t size = input->count * (is_text ? sizeof(TF_String) : model_element_size(input->element));
  TF_Tensor *tensor =
      runtime->AllocateTensor(code_of(input->element), input->shape, input->rank, size);
  if (!tensor) {
    model_fail(message, "no memory for a tensor of %zu bytes", size);
    return NULL;
  }
  void *data = runtime->TensorData(tensor);
  if (!is_text) {
    if (size) memcpy(data, input->values, size);
    return tensor;
  }
  // Views: the caller's bytes outlive the run, and every result is copied before it ends.
  TF_String *strings = data;
  for (size_t i = 0; i < input->count; i++) {
    runtime->StringInit(&strings[i]);
    runtime->StringAssignView(&strings[i], (const char *)input->bytes + input->offsets[i],
                              input->offsets[i + 1] - input->offsets[i]);
  }
  return tensor;
}

static bool read_tensor(
    const tensorflow_runtime *runtime, const TF_Tensor *tensor, model_output *output,
    model_message *message) {
  int rank = runtime->NumDims(tensor);
  if (rank > MODEL_MAX_RANK)
    return model_fail(message, "a tensor of %d dimensions; at most %d are supported", rank,
                      MODEL_MAX_RANK);
  output->element = element_of(runtime->TensorType(tensor));
  output->rank = rank;
  output->count = 1;
  for (int i = 0; i < rank; i++) {
    output->shape[i] = runtime->Dim(tensor, i);
    output->count *= (size_t)output->shape[i];
  }
  const void *data = runtime->TensorData(tensor);
  if (output->element != MODEL_STRING)
    return model_output_copy(
        output, data, output->count * model_element_size(output->element), message);
  const TF_String *strings = data;
  size_t size = 0;
  for (size_t i = 0; i < output->count; i++) size += runtime->StringGetSize(&strings[i]);
  output->bytes = malloc(size ? size : 1);
  output->offsets = malloc((output->count + 1) * sizeof *output->offsets);
  if (!output->bytes || !output->offsets)
    return model_fail(message, "no memory for a result of %zu bytes", size);
  size_t end = 0;
  output->offsets[0] = 0;
  for (size_t i = 0; i < output->count; i++) {
    size_t length = runtime->StringGetSize(&strings[i]);
    if (length) memcpy(output->bytes + end, runtime->StringGetDataPointer(&strings[i]), length);
    end += length;
    output->offsets[i + 1] = end;
  }
  return true;
}

static bool run_session(
    model_session *base, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message) {
  tensorflow_session *session = (tensorflow_session *)base;
  const tensorflow_runtime *runtime = session->runtime;
  size_t count = input_count + output_count;
  TF_Tensor **values = calloc(count + 1, sizeof *values);
  TF_Output *places = calloc(count + 1, sizeof *places);
  bool done = values && places;
  for (size_t i = 0; done && i < input_count; i++) {
    places[i] = session->inputs.items[inputs[i]];
    values[i] = make_tensor(runtime, &tensors[i], message);
    done = values[i] != NULL;
  }
  for (size_t i = 0; done && i < output_count; i++)
    places[input_count + i] = session->outputs.items[wanted[i]];
  if (done) {
    TF_Status *status = runtime->NewStatus();
    runtime->SessionRun(
        session->session, NULL, places, values, (int)input_count, places + input_count,
        values + input_count, (int)output_count, NULL, 0, NULL, status);
    done = ok(runtime, status, message);
    runtime->DeleteStatus(status);
  }
  for (size_t i = 0; done && i < output_count; i++)
    done = read_tensor(runtime, values[input_count + i], &outputs[i], message);
  // Results first: they may be the inputs themselves.
  for (size_t i = count; values && i > 0; i--)
    if (values[i - 1]) runtime->DeleteTensor(values[i - 1]);
  free(values);
  free(places);
  return done;
}
