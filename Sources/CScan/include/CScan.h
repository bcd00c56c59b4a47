// Byte scanning kernels for the decoders: SSE2 on x86-64, NEON on arm64, portable C elsewhere.
#pragma once
#include <stdint.h>
