// CRC-32C of a byte range with the processor's own instruction.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instruction (x86-64: SSE4.2; arm64: CRC).
bool crc32c_has_instruction(void);

/// Advances the inverted checksum `state` over `count` bytes; only if `crc32c_has_instruction()`.
uint32_t crc32c_advance(uint32_t state, const void *bytes, size_t count);
