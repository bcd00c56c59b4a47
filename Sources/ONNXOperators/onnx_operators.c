// Operators of the domain `limnograph` for ONNX Runtime 1.16 and newer, in any language:
// `SessionOptions.register_custom_ops_library(path)` in Python. The README has the table.

#include "operators.h"

typedef struct api_base {
  const function *(*get_api)(uint32_t version);
  const char *(*version)(void);
} api_base;

enum { OPERATOR_COUNT = 7 };

static operator_definition operators[OPERATOR_COUNT];

__attribute__((constructor)) static void define_operators(void) {
  operator_definition all[OPERATOR_COUNT] = {
      fast_hash_operator(),   strong_hash_operator(),    byte_length_operator(), strip_operator(),
      substring_operator(),   split_at_space_operator(), join_by_row_operator(),
  };
  for (size_t i = 0; i < OPERATOR_COUNT; i++) operators[i] = all[i];
}

/// What ONNX Runtime calls once for the options of each session.
__attribute__((visibility("default"))) OrtStatus *RegisterCustomOps(
    OrtSessionOptions *options, const api_base *base) {
  const function *api = base->get_api(TABLE_VERSION);
  // Without a table there is nothing to make an error of; ONNX Runtime has told it.
  if (!api) return NULL;
  OrtCustomOpDomain *domain = NULL;
  OrtStatus *status =
      API(api, 26, const char *, OrtCustomOpDomain **)("limnograph", &domain);
  for (size_t i = 0; !status && i < OPERATOR_COUNT; i++)
    status = API(api, 27, OrtCustomOpDomain *, const custom_op *)(domain, &operators[i].table);
  // The domain lives as long as the sessions do, whose end is not told.
  if (!status) status = API(api, 28, OrtSessionOptions *, OrtCustomOpDomain *)(options, domain);
  return status;
}
