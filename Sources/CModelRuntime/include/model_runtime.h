// ONNX Runtime and TensorFlow by their C interfaces, found at run time: loading, sessions, tensors.
//
// Functions that can fail fill a message and return false or NULL. Sessions may be run by several
// threads at a time; opening and closing is for one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_MAX_RANK = 8, MODEL_MESSAGE_SIZE = 2048 };

typedef enum model_element {
  MODEL_OTHER,
  MODEL_BOOL,
  MODEL_INT32,
  MODEL_INT64,
  MODEL_FLOAT32,
  MODEL_FLOAT64,
  MODEL_STRING,
} model_element;

/// Why something failed, ended by a zero.
typedef struct model_message {
  char text[MODEL_MESSAGE_SIZE];
} model_message;

/// What a model says of one of its tensors.
typedef struct model_tensor {
  /// Lives as long as the session.
  const char *name;
  model_element element;
  /// The library's own number for the type of the elements; -1 for what is no tensor.
  int32_t type_code;
  /// -1 if it is not known.
  int32_t rank;
  /// -1 for a size that differs from call to call.
  int64_t shape[MODEL_MAX_RANK];
} model_tensor;

/// A tensor that the caller owns.
typedef struct model_input {
  model_element element;
  int32_t rank;
  int64_t shape[MODEL_MAX_RANK];
  size_t count;
  /// Of numbers.
  const void *values;
  /// Of strings: string `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
  const uint8_t *bytes;
  const uint64_t *offsets;
} model_input;

/// A tensor that `model_output_free` frees; laid out as `model_input`.
typedef struct model_output {
  model_element element;
  int32_t rank;
  int64_t shape[MODEL_MAX_RANK];
  size_t count;
  void *values;
  uint8_t *bytes;
  uint64_t *offsets;
} model_output;

void model_output_free(model_output *output);

/// An open model; its tensors have positions.
typedef struct model_session model_session;

/// Runs the model on tensors for the inputs at the positions `inputs`, and fills `outputs` with those
/// at `wanted`.
bool model_session_run(
    model_session *session, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message);

void model_session_close(model_session *session);

// MARK: ONNX Runtime

typedef struct onnx_runtime onnx_runtime;

/// Loads the library at `path`; it stays loaded.
onnx_runtime *onnx_runtime_load(const char *path, model_message *message);
const char *onnx_runtime_version(const onnx_runtime *runtime);

/// Opens a model; `operators` is a library of operators of its own, or NULL.
model_session *onnx_session_open(
    onnx_runtime *runtime, const char *path, const char *operators, model_message *message);

typedef enum onnx_part { ONNX_INPUTS, ONNX_OUTPUTS, ONNX_OPTIONAL_INPUTS } onnx_part;

/// Optional inputs come after the others: their positions begin where those end.
size_t onnx_session_count(const model_session *session, onnx_part part);
model_tensor onnx_session_tensor(const model_session *session, onnx_part part, size_t index);

// MARK: TensorFlow

typedef struct tensorflow_runtime tensorflow_runtime;

/// Loads the library at `path`; it stays loaded.
tensorflow_runtime *tensorflow_load(const char *path, model_message *message);
const char *tensorflow_version(const tensorflow_runtime *runtime);

/// Opens the SavedModel in `directory`, with the configuration and tag given; the bytes of its
/// `MetaGraphDef` live as long as the session.
model_session *tensorflow_session_open(
    tensorflow_runtime *runtime, const char *directory, const char *tag,
    const uint8_t *configuration, size_t configuration_size, model_message *message);
const uint8_t *tensorflow_session_graph(const model_session *session, size_t *size);

/// Gives the tensor `operation`, output `index`, the next position among inputs or outputs.
bool tensorflow_session_add(
    model_session *session, bool is_output, const char *operation, int32_t index,
    model_message *message);
