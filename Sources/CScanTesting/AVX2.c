#include "CScanTesting.h"

#if defined(__x86_64__)
#include <immintrin.h>
#ifndef __AVX2__
#define __AVX2__ 1
#endif
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#include "CScan.h"

#define NAME "AVX2"
#include "Kernels.inc"
#pragma clang attribute pop

const cscan_kernels *cscan_avx2_kernels(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? &kernels : NULL;
}
#else
const cscan_kernels *cscan_avx2_kernels(void) { return NULL; }
#endif
