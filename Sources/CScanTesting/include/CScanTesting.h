#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels of CScan, written in one way.
typedef struct {
  const char *name;
  uint32_t (*plain_text_stops)(const void *start);
  uint64_t (*plain_text_stops_48)(const void *start);
  uint32_t (*non_digits)(const void *start);
  uint32_t (*string_stops)(const void *start);
  int (*match)(const void *text, const void *pattern, size_t length);
  int (*four_match)(
      const void *a, const void *b, const void *c, const void *d, const void *pattern,
      size_t length);
  // Masks of stops and of zeros.
  void (*pair_digits)(const void *left, const void *right, uint32_t *stops, uint32_t *zeros);
  uint32_t (*pair_text_stops)(const void *left, const void *right);
  uint64_t (*decimal)(const void *text, uint32_t whole, uint32_t count);
  void (*pair_decimals)(
      const void *left, uint32_t left_whole, uint32_t left_count, const void *right,
      uint32_t right_whole, uint32_t right_count, uint64_t *left_value, uint64_t *right_value);
} cscan_kernels;

// As C alone has it.
const cscan_kernels *cscan_portable_kernels(void);
// As all processors of this kind have it.
const cscan_kernels *cscan_common_kernels(void);
// With AVX2; NULL where this processor lacks it.
const cscan_kernels *cscan_avx2_kernels(void);
