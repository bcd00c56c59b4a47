// Byte scanning kernels for the decoders: SSE2 and AVX2 on x86-64, NEON on arm64, portable C
// elsewhere.
//
// Every kernel that takes a pointer only loads 16 bytes from it unless its name says how many,
// whatever they mean.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>

// Bit i is the top bit of byte i.
static inline uint32_t cscan_neon_mask(uint8x16_t flags) {
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t bits =
      vandq_u8(vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(flags), 7)), weights);
  return (uint32_t)vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}
#endif

// Bit i (i < 16) is set when byte i is '"', '\\', below 0x20 or not ASCII.
static inline uint32_t cscan_plain_text_stops(const void *start) {
#if defined(__SSE2__)
  __m128i bytes = _mm_loadu_si128((const __m128i *)start);
  __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  __m128i escape = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  __m128i other = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // signed
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), other));
#elif defined(__ARM_NEON)
  uint8x16_t bytes = vld1q_u8((const uint8_t *)start);
  uint8x16_t other = vcltq_s8(vreinterpretq_s8_u8(bytes), vdupq_n_s8(0x20));
  uint8x16_t quote = vceqq_u8(bytes, vdupq_n_u8('"'));
  return cscan_neon_mask(vorrq_u8(vorrq_u8(quote, vceqq_u8(bytes, vdupq_n_u8('\\'))), other));
#else
  const uint8_t *bytes = (const uint8_t *)start;
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    uint8_t byte = bytes[i];
    mask |= (uint32_t)(byte == '"' || byte == '\\' || byte < 0x20 || byte > 0x7F) << i;
  }
  return mask;
#endif
}

// The same for 48 bytes.
static inline uint64_t cscan_plain_text_stops_48(const void *start) {
  const uint8_t *bytes = (const uint8_t *)start;
#if defined(__AVX2__)
  __m256i first = _mm256_loadu_si256((const __m256i *)start);
  __m256i quote = _mm256_cmpeq_epi8(first, _mm256_set1_epi8('"'));
  __m256i escape = _mm256_cmpeq_epi8(first, _mm256_set1_epi8('\\'));
  __m256i other = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), first);  // signed
  __m256i stops = _mm256_or_si256(_mm256_or_si256(quote, escape), other);
  uint64_t last = cscan_plain_text_stops(bytes + 32);
  return (uint32_t)_mm256_movemask_epi8(stops) | last << 32;
#else
  uint64_t second = cscan_plain_text_stops(bytes + 16);
  uint64_t third = cscan_plain_text_stops(bytes + 32);
  return cscan_plain_text_stops(start) | second << 16 | third << 32;
#endif
}

// The position of the lowest set bit of a mask that is not 0.
static inline uint32_t cscan_lowest(uint32_t mask) { return (uint32_t)__builtin_ctz(mask); }

// Bit i (i < 16) is set when byte i is not an ASCII digit; bits from 16 on are set.
static inline uint32_t cscan_non_digits(const void *start) {
#if defined(__SSE2__)
  // Digits become 118 … 127, all else less.
  __m128i shifted = _mm_add_epi8(_mm_loadu_si128((const __m128i *)start), _mm_set1_epi8(127 - '9'));
  return ~(uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(shifted, _mm_set1_epi8(117)));
#elif defined(__ARM_NEON)
  uint8x16_t offset = vsubq_u8(vld1q_u8((const uint8_t *)start), vdupq_n_u8('0'));
  return ~cscan_neon_mask(vcleq_u8(offset, vdupq_n_u8(9)));
#else
  const uint8_t *bytes = (const uint8_t *)start;
  uint32_t mask = 0xFFFF0000u;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)((uint8_t)(bytes[i] - '0') > 9) << i;
  return mask;
#endif
}

// Bit i (i < 16) is set when byte i is '"', '\\' or below 0x20.
static inline uint32_t cscan_string_stops(const void *start) {
#if defined(__SSE2__)
  __m128i bytes = _mm_loadu_si128((const __m128i *)start);
  __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  __m128i escape = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), control));
#elif defined(__ARM_NEON)
  uint8x16_t bytes = vld1q_u8((const uint8_t *)start);
  uint8x16_t quote = vceqq_u8(bytes, vdupq_n_u8('"'));
  uint8x16_t control = vcltq_u8(bytes, vdupq_n_u8(0x20));
  return cscan_neon_mask(vorrq_u8(vorrq_u8(quote, vceqq_u8(bytes, vdupq_n_u8('\\'))), control));
#else
  const uint8_t *bytes = (const uint8_t *)start;
  uint32_t mask = 0;
  for (int i = 0; i < 16; i++) {
    mask |= (uint32_t)(bytes[i] == '"' || bytes[i] == '\\' || bytes[i] < 0x20) << i;
  }
  return mask;
#endif
}

// Whether 16 bytes at one, and 16 at two, are those at pattern wherever one of the 16 bytes after
// these is 0xFF (elsewhere it is 0). The pattern is aligned to 16 bytes.
static inline int cscan_both_match(const void *one, const void *two, const void *pattern) {
#if defined(__SSE2__)
  __m128i expected = _mm_load_si128((const __m128i *)pattern);
  __m128i compared = _mm_load_si128((const __m128i *)pattern + 1);
  __m128i first = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)one), expected);
  __m128i second = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)two), expected);
  return _mm_movemask_epi8(_mm_andnot_si128(_mm_and_si128(first, second), compared)) == 0;
#elif defined(__ARM_NEON)
  uint8x16_t expected = vld1q_u8((const uint8_t *)pattern);
  uint8x16_t compared = vld1q_u8((const uint8_t *)pattern + 16);
  uint8x16_t first = veorq_u8(vld1q_u8((const uint8_t *)one), expected);
  uint8x16_t second = veorq_u8(vld1q_u8((const uint8_t *)two), expected);
  return vmaxvq_u8(vandq_u8(vorrq_u8(first, second), compared)) == 0;
#else
  const uint8_t *first = (const uint8_t *)one, *second = (const uint8_t *)two;
  const uint8_t *expected = (const uint8_t *)pattern, *compared = expected + 16;
  uint8_t different = 0;
  for (int i = 0; i < 16; i++) {
    different |= ((first[i] ^ expected[i]) | (second[i] ^ expected[i])) & compared[i];
  }
  return different == 0;
#endif
}

// The first position of byte in [start, start + count), or count.
static inline size_t cscan_find(const void *start, uint8_t byte, size_t count) {
  const void *found = count ? memchr(start, byte, count) : NULL;
  return found ? (size_t)((const uint8_t *)found - (const uint8_t *)start) : count;
}

// The length of the prefix of [start, start + count) that is valid UTF-8 (Unicode 15, table 3-7).
static inline size_t cscan_utf8_prefix(const void *start, size_t count) {
  const uint8_t *bytes = (const uint8_t *)start;
  size_t at = 0;
  while (at < count) {
    uint8_t lead = bytes[at];
    if (lead < 0x80) {
      uint64_t word;
      if (at + 8 <= count && (memcpy(&word, bytes + at, 8), (word & 0x8080808080808080u) == 0)) {
        at += 8;
      } else {
        at += 1;
      }
      continue;
    }
    size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || at + more >= count) return at;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (bytes[at + 1] < low || bytes[at + 1] > high) return at;
    for (size_t i = 2; i <= more; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) return at;
    }
    at += more + 1;
  }
  return count;
}

// Has the line of memory at `address` fetched; nothing waits for it.
static inline void cscan_prefetch(const void *address) { __builtin_prefetch(address); }

typedef struct {
  uint64_t low, high;
} cscan_words;

// The 16 bytes at `start`, those from `count` (at most 16) on as 0.
static inline cscan_words cscan_leading(const void *start, size_t count) {
  static const uint64_t masks[] = {~0ull, ~0ull, 0, 0};
  cscan_words words, mask;
  memcpy(&words, start, 16);
  memcpy(&mask, (const uint8_t *)masks + 16 - count, 16);
  words.low &= mask.low;
  words.high &= mask.high;
  return words;
}
