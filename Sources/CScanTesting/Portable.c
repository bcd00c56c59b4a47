#undef __AVX2__
#undef __SSE2__
#undef __ARM_NEON
#include "CScan.h"
#include "CScanTesting.h"

#define NAME "portable"
#include "Kernels.inc"

const cscan_kernels *cscan_portable_kernels(void) { return &kernels; }
