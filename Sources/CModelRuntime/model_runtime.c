#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool model_fail(model_message *message, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message->text, sizeof message->text, format, arguments);
  va_end(arguments);
  return false;
}

size_t model_element_size(model_element element) {
  switch (element) {
    case MODEL_BOOL: return 1;
    case MODEL_INT32:
    case MODEL_FLOAT32: return 4;
    case MODEL_INT64:
    case MODEL_FLOAT64: return 8;
    default: return 0;
  }
}

bool model_output_copy(
    model_output *output, const void *values, size_t size, model_message *message) {
  output->values = malloc(size ? size : 1);
  if (!output->values) return model_fail(message, "no memory for a result of %zu bytes", size);
  if (size) memcpy(output->values, values, size);
  return true;
}

void model_output_free(model_output *output) {
  free(output->values);
  free(output->bytes);
  free(output->offsets);
  memset(output, 0, sizeof *output);
}

bool model_session_run(
    model_session *session, const size_t *inputs, const model_input *tensors, size_t input_count,
    const size_t *wanted, size_t output_count, model_output *outputs, model_message *message) {
  memset(outputs, 0, output_count * sizeof *outputs);
  bool ran = session->run(
      session, inputs, tensors, input_count, wanted, output_count, outputs, message);
  if (!ran) {
    for (size_t i = 0; i < output_count; i++) model_output_free(&outputs[i]);
  }
  return ran;
}

void model_session_close(model_session *session) { session->close(session); }
