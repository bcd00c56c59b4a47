#undef __AVX2__
#include "CScan.h"
#include "CScanTesting.h"

#define NAME "common"
#include "Kernels.inc"

const cscan_kernels *cscan_common_kernels(void) { return &kernels; }
