// Byte for byte what `Expressions` and TensorFlow do: strings are bytes, space is that of ASCII.

#include "operators.h"

#include <stdlib.h>
#include <string.h>

/// The kernels have no state but the table of functions.
static OrtStatus *create(
    const custom_op *op, const function *api, const OrtKernelInfo *info, void **result) {
  (void)op, (void)info;
  *result = (void *)api;
  return NULL;
}

static void destroy(void *kernel) { (void)kernel; }

static bool is_space(uint8_t byte) { return byte == 0x20 || (byte >= 0x09 && byte <= 0x0D); }

static OrtStatus *put_string(
    const function *api, OrtValue *value, size_t index, const uint8_t *text, size_t length) {
  char *target = NULL;
  OrtStatus *status = make_string(api, value, index, length, &target);
  if (!status && length) memcpy(target, text, length);
  return status;
}

// MARK: One of each

static OrtStatus *compute_byte_length(void *state, OrtKernelContext *context) {
  const function *api = state;
  string_tensor x;
  int64_t *lengths = NULL;
  OrtStatus *status = read_strings(api, context, 0, &x);
  if (!status) status = make_numbers(api, context, 0, x.shape.sizes, x.shape.rank, &lengths);
  for (size_t i = 0; !status && i < x.shape.count; i++)
    lengths[i] = (int64_t)(x.starts[i + 1] - x.starts[i]);
  free_strings(&x);
  return status;
}

static OrtStatus *compute_strip(void *state, OrtKernelContext *context) {
  const function *api = state;
  string_tensor x;
  OrtValue *output = NULL;
  OrtStatus *status = read_strings(api, context, 0, &x);
  if (!status) status = make_output(api, context, 0, x.shape.sizes, x.shape.rank, &output);
  for (size_t i = 0; !status && i < x.shape.count; i++) {
    size_t start = x.starts[i], end = x.starts[i + 1];
    while (start < end && is_space(x.bytes[start])) start++;
    while (start < end && is_space(x.bytes[end - 1])) end--;
    status = put_string(api, output, i, x.bytes + start, end - start);
  }
  free_strings(&x);
  return status;
}

static int64_t clamped(int64_t value, int64_t most) {
  return value < 0 ? 0 : value > most ? most : value;
}

/// Of (strings, place of the first byte, count): one place and count for all, or for each.
static OrtStatus *compute_substring(void *state, OrtKernelContext *context) {
  const function *api = state;
  string_tensor x;
  const int64_t *starts = NULL, *lengths = NULL;
  size_t start_count = 0, length_count = 0;
  OrtValue *output = NULL;
  OrtStatus *status = read_strings(api, context, 0, &x);
  if (!status) status = read_numbers(api, context, 1, &starts, &start_count);
  if (!status) status = read_numbers(api, context, 2, &lengths, &length_count);
  size_t count = x.shape.count;
  if (!status && ((start_count != 1 && start_count != count) ||
                  (length_count != 1 && length_count != count)))
    status = fail(api, "as many places and counts as strings are needed, or one");
  if (!status) status = make_output(api, context, 0, x.shape.sizes, x.shape.rank, &output);
  for (size_t i = 0; !status && i < count; i++) {
    int64_t size = (int64_t)(x.starts[i + 1] - x.starts[i]);
    int64_t start = clamped(starts[start_count == 1 ? 0 : i], size);
    int64_t length = clamped(lengths[length_count == 1 ? 0 : i], size - start);
    status = put_string(api, output, i, x.bytes + x.starts[i] + start, (size_t)length);
  }
  free_strings(&x);
  return status;
}

// MARK: Lists

/// Calls for each word: where it starts in the bytes, and its length; returns how many there are.
static size_t split_at_space(const string_tensor *x, size_t *starts, size_t *lengths, int64_t *rows) {
  size_t count = 0;
  for (size_t i = 0; i < x->shape.count; i++) {
    size_t at = x->starts[i], end = x->starts[i + 1];
    while (at < end) {
      while (at < end && is_space(x->bytes[at])) at++;
      size_t start = at;
      while (at < end && !is_space(x->bytes[at])) at++;
      if (at == start) break;
      if (starts) {
        starts[count] = start;
        lengths[count] = at - start;
        rows[count] = (int64_t)i;
      }
      count++;
    }
  }
  return count;
}

/// The words of all strings, and which string each is of.
static OrtStatus *compute_split_at_space(void *state, OrtKernelContext *context) {
  const function *api = state;
  string_tensor x;
  OrtValue *words = NULL;
  int64_t *rows = NULL;
  size_t *places = NULL;
  size_t count = 0;
  OrtStatus *status = read_strings(api, context, 0, &x);
  if (!status) {
    count = split_at_space(&x, NULL, NULL, NULL);
    places = malloc((2 * count + 1) * sizeof *places);
    if (!places) status = fail(api, "no memory");
  }
  int64_t size = (int64_t)count;
  if (!status) status = make_output(api, context, 0, &size, 1, &words);
  if (!status) status = make_numbers(api, context, 1, &size, 1, &rows);
  if (!status) split_at_space(&x, places, places + count, rows);
  for (size_t i = 0; !status && i < count; i++)
    status = put_string(api, words, i, x.bytes + places[i], places[count + i]);
  free(places);
  free_strings(&x);
  return status;
}

/// How many bytes each row is joined to, and how many strings it has.
static OrtStatus *measure_rows(
    const function *api, const string_tensor *x, const int64_t *rows, size_t row_count,
    size_t separator, size_t *lengths, size_t *counts) {
  for (size_t i = 0; i < x->shape.count; i++) {
    if (rows[i] < 0 || (uint64_t)rows[i] >= row_count) return fail(api, "a row out of range");
    size_t row = (size_t)rows[i];
    lengths[row] += x->starts[i + 1] - x->starts[i] + (counts[row] ? separator : 0);
    counts[row]++;
  }
  return NULL;
}

static OrtStatus *join_rows(
    const function *api, const string_tensor *x, const string_tensor *separator,
    const int64_t *rows, size_t row_count, OrtValue *output) {
  size_t *lengths = calloc(row_count + 1, sizeof *lengths);
  size_t *counts = calloc(row_count + 1, sizeof *counts);
  char **targets = calloc(row_count + 1, sizeof *targets);
  size_t gap = separator->starts[1];
  OrtStatus *status = lengths && counts && targets
                          ? measure_rows(api, x, rows, row_count, gap, lengths, counts)
                          : fail(api, "no memory");
  for (size_t row = 0; !status && row < row_count; row++) {
    status = make_string(api, output, row, lengths[row], &targets[row]);
    counts[row] = 0;
  }
  for (size_t i = 0; !status && i < x->shape.count; i++) {
    size_t row = (size_t)rows[i], length = x->starts[i + 1] - x->starts[i];
    if (counts[row]++) {
      memcpy(targets[row], separator->bytes, gap);
      targets[row] += gap;
    }
    memcpy(targets[row], x->bytes + x->starts[i], length);
    targets[row] += length;
  }
  free(lengths);
  free(counts);
  free(targets);
  return status;
}

/// Of (strings, row of each, row count, separator): for each row, its strings one after the other.
static OrtStatus *compute_join_by_row(void *state, OrtKernelContext *context) {
  const function *api = state;
  string_tensor x, separator = {{NULL, 0, 0}, NULL, NULL};
  const int64_t *rows = NULL, *row_count = NULL;
  size_t count = 0, one = 0;
  OrtValue *output = NULL;
  OrtStatus *status = read_strings(api, context, 0, &x);
  if (!status) status = read_numbers(api, context, 1, &rows, &count);
  if (!status) status = read_numbers(api, context, 2, &row_count, &one);
  if (!status) status = read_strings(api, context, 3, &separator);
  if (!status && (count != x.shape.count || one != 1 || separator.shape.count != 1 || *row_count < 0))
    status = fail(api, "a row for each string, one count of rows and one separator are needed");
  if (!status) status = make_output(api, context, 0, row_count, 1, &output);
  if (!status) status = join_rows(api, &x, &separator, rows, (size_t)*row_count, output);
  free_strings(&x);
  free_strings(&separator);
  return status;
}

// MARK: Definitions

operator_definition byte_length_operator(void) {
  return define_operator(
      "StringByteLength", 1, (int[]){STRING}, 1, (int[]){INT64}, create, compute_byte_length,
      destroy);
}

operator_definition strip_operator(void) {
  return define_operator(
      "StringStrip", 1, (int[]){STRING}, 1, (int[]){STRING}, create, compute_strip, destroy);
}

operator_definition substring_operator(void) {
  return define_operator(
      "StringSubstring", 3, (int[]){STRING, INT64, INT64}, 1, (int[]){STRING}, create,
      compute_substring, destroy);
}

operator_definition split_at_space_operator(void) {
  return define_operator(
      "StringSplitAtSpace", 1, (int[]){STRING}, 2, (int[]){STRING, INT64}, create,
      compute_split_at_space, destroy);
}

operator_definition join_by_row_operator(void) {
  return define_operator(
      "StringJoinByRow", 4, (int[]){STRING, INT64, INT64, STRING}, 1, (int[]){STRING}, create,
      compute_join_by_row, destroy);
}
