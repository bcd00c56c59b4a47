// What the two libraries have in common.
#pragma once

#include "model_runtime.h"

struct model_session {
  bool (*run)(
      model_session *, const size_t *, const model_input *, size_t, const size_t *, size_t,
      model_output *, model_message *);
  void (*close)(model_session *);
};

/// Fills `message` and returns false.
bool model_fail(model_message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// The bytes of one element; 0 for strings and others.
size_t model_element_size(model_element element);

/// Copies `size` bytes as the values of `output`.
bool model_output_copy(
    model_output *output, const void *values, size_t size, model_message *message);
