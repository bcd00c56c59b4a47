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

// Whether the bytes at text are those at pattern, wherever one of the 32 bytes after the 32 of the
// pattern is 0xFF; elsewhere it is 0, and from length on. Loads 32 bytes of each text.
static inline int cscan_match(const void *text, const void *pattern, size_t length) {
#if defined(__AVX2__)
  (void)length;
  __m256i expected = _mm256_loadu_si256((const __m256i *)pattern);
  __m256i compared = _mm256_loadu_si256((const __m256i *)pattern + 1);
  __m256i equal = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)text), expected);
  return _mm256_testc_si256(equal, compared);
#else
  const uint8_t *found = (const uint8_t *)text, *expected = (const uint8_t *)pattern;
  uint64_t different = 0;
  for (size_t at = 0; at < (length > 16 ? 32 : 16); at += 8) {
    uint64_t one, two, compared;
    memcpy(&one, found + at, 8);
    memcpy(&two, expected + at, 8);
    memcpy(&compared, expected + 32 + at, 8);
    different |= (one ^ two) & compared;
  }
  return different == 0;
#endif
}

// Whether all four texts match.
static inline int cscan_four_match(
    const void *a, const void *b, const void *c, const void *d, const void *pattern,
    size_t length) {
#if defined(__AVX2__)
  (void)length;
  __m256i expected = _mm256_loadu_si256((const __m256i *)pattern);
  __m256i compared = _mm256_loadu_si256((const __m256i *)pattern + 1);
  __m256i one = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)a), expected);
  __m256i two = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)b), expected);
  __m256i three = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)c), expected);
  __m256i four = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)d), expected);
  __m256i equal = _mm256_and_si256(_mm256_and_si256(one, two), _mm256_and_si256(three, four));
  return _mm256_testc_si256(equal, compared);
#elif defined(__SSE2__)
  const __m128i *expected = (const __m128i *)pattern;
  for (int at = 0; at < (length > 16 ? 2 : 1); at++) {
    __m128i half = _mm_loadu_si128(expected + at);
    __m128i compared = _mm_loadu_si128(expected + 2 + at);
    __m128i one = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a + at), half);
    __m128i two = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)b + at), half);
    __m128i three = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)c + at), half);
    __m128i four = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)d + at), half);
    __m128i equal = _mm_and_si128(_mm_and_si128(one, two), _mm_and_si128(three, four));
    if (_mm_movemask_epi8(_mm_andnot_si128(equal, compared)) != 0) return 0;
  }
  return 1;
#else
  return cscan_match(a, pattern, length) && cscan_match(b, pattern, length) &&
         cscan_match(c, pattern, length) && cscan_match(d, pattern, length);
#endif
}

// What the 16 bytes at left say in the low half of each mask, those at right in the high one.
typedef struct {
  // Set where a byte is not an ASCII digit.
  uint32_t stops;
  // Bit 0 of a half is set when its first byte is '0'; what the others say is open.
  uint32_t zeros;
} cscan_digit_masks;

static inline cscan_digit_masks cscan_pair_digits(const void *left, const void *right) {
#if defined(__AVX2__)
  __m256i bytes = _mm256_loadu2_m128i((const __m128i *)right, (const __m128i *)left);
  __m256i shifted = _mm256_add_epi8(bytes, _mm256_set1_epi8(127 - '9'));
  __m256i digits = _mm256_cmpgt_epi8(shifted, _mm256_set1_epi8(117));
  __m256i zeros = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('0'));
  cscan_digit_masks masks = {
      ~(uint32_t)_mm256_movemask_epi8(digits), (uint32_t)_mm256_movemask_epi8(zeros)};
#else
  const uint8_t *first = (const uint8_t *)left, *second = (const uint8_t *)right;
  cscan_digit_masks masks = {
      (cscan_non_digits(left) & 0xFFFF) | cscan_non_digits(right) << 16,
      (uint32_t)(*first == '0') | (uint32_t)(*second == '0') << 16};
#endif
  return masks;
}

// cscan_plain_text_stops of left in the low half, of right in the high one.
static inline uint32_t cscan_pair_text_stops(const void *left, const void *right) {
#if defined(__AVX2__)
  __m256i bytes = _mm256_loadu2_m128i((const __m128i *)right, (const __m128i *)left);
  __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
  __m256i escape = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  __m256i other = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);  // signed
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, escape), other));
#else
  return cscan_plain_text_stops(left) | cscan_plain_text_stops(right) << 16;
#endif
}

// The value of at most eight digits, whose bytes are the lowest of word. By three multiplications:
// D. Lemire, "Quickly parsing eight digits", 2018.
static inline uint64_t cscan_eight_digits(uint64_t word, uint32_t count) {
  if (count == 0) return 0;
  uint64_t value = (word << (64 - 8 * count)) & 0x0F0F0F0F0F0F0F0Full;
  value = value * 10 + (value >> 8);
  uint64_t low = (value & 0x000000FF000000FFull) * 0x000F424000000064ull;
  uint64_t high = (value >> 16 & 0x000000FF000000FFull) * 0x0000271000000001ull;
  return (low + high) >> 32;
}

// The value of count digits (at most 16) at text, with a point after the first `whole` of them, if
// these are not all. Point and digits together are 16 bytes at most; 32 are loaded.
static inline uint64_t cscan_decimal(const void *text, uint32_t whole, uint32_t count) {
  static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  // The digits without the point, 16 bytes.
  const uint8_t *bytes = (const uint8_t *)text;
  uint64_t low, high, after_low, after_high;
  memcpy(&low, bytes, 8);
  memcpy(&high, bytes + 8, 8);
  if (whole < count) {
    memcpy(&after_low, bytes + 1, 8);
    memcpy(&after_high, bytes + 9, 8);
    uint64_t before = whole < 8 ? (1ull << (8 * whole)) - 1 : ~0ull;
    uint64_t before_high = whole <= 8 ? 0 : (1ull << (8 * (whole - 8))) - 1;
    low = (low & before) | (after_low & ~before);
    high = (high & before_high) | (after_high & ~before_high);
  }
  if (count <= 8) return cscan_eight_digits(low, count);
  return cscan_eight_digits(low, 8) * powers[count - 8] + cscan_eight_digits(high, count - 8);
}

typedef struct {
  uint64_t left, right;
} cscan_pair;

// cscan_decimal of two texts.
__attribute__((always_inline)) static inline cscan_pair cscan_pair_decimals(
    const void *left, uint32_t left_whole, uint32_t left_count, const void *right,
    uint32_t right_whole, uint32_t right_count) {
#if defined(__AVX2__)
  static const int8_t places[32] = {-16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6,
                                    -5,  -4,  -3,  -2,  -1,  0,   1,   2,  3,  4,  5,
                                    6,   7,   8,   9,   10,  11,  12,  13, 14, 15};
  __m256i text = _mm256_loadu2_m128i((const __m128i *)right, (const __m128i *)left);
  text = _mm256_sub_epi8(text, _mm256_set1_epi8('0'));
  // Which digit goes where, so that the last is at the end; those behind the point come from one
  // further on, and what is negative becomes 0.
  __m256i place = _mm256_loadu2_m128i(
      (const __m128i *)(places + right_count), (const __m128i *)(places + left_count));
  __m256i last = _mm256_set_m128i(
      _mm_set1_epi8((char)(right_whole - 1)), _mm_set1_epi8((char)(left_whole - 1)));
  place = _mm256_sub_epi8(place, _mm256_cmpgt_epi8(place, last));
  __m256i digits = _mm256_shuffle_epi8(text, place);
  // Neighbours are joined to numbers of two, four and eight digits.
  __m256i twos = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(1 << 8 | 10));
  __m256i fours = _mm256_madd_epi16(twos, _mm256_set1_epi32(1 << 16 | 100));
  fours = _mm256_packus_epi32(fours, fours);
  __m256i eights = _mm256_madd_epi16(fours, _mm256_set1_epi32(1 << 16 | 10000));
  __m256i high = _mm256_mul_epu32(eights, _mm256_set1_epi64x(100000000));
  __m256i value = _mm256_add_epi64(high, _mm256_srli_epi64(eights, 32));
  cscan_pair pair = {
      (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(value)),
      (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(value, 1))};
#else
  cscan_pair pair = {
      cscan_decimal(left, left_whole, left_count), cscan_decimal(right, right_whole, right_count)};
#endif
  return pair;
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
