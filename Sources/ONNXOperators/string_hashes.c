// All arithmetic wraps, as the algorithms are defined. `ByteCoding` has both in Swift; a test holds
// them equal.

#include "string_hashes.h"

#include <string.h>

static uint64_t word(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

static uint64_t half_word(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap32(value);
#endif
  return value;
}

static uint64_t rotate_right(uint64_t value, int bits) {
  return value >> bits | value << (64 - bits);
}

static uint64_t rotate_left(uint64_t value, int bits) {
  return value << bits | value >> (64 - bits);
}

// MARK: FarmHash
// Source: farmhashna::Hash64 in google/farmhash.

static const uint64_t k0 = 0xC3A5C85C97CB3127, k1 = 0xB492B66FBE98F273, k2 = 0x9AE16A3B2F90404F;

static uint64_t shift_mix(uint64_t value) { return value ^ value >> 47; }

static uint64_t mix(uint64_t u, uint64_t v, uint64_t factor) {
  uint64_t a = shift_mix((u ^ v) * factor);
  return shift_mix((v ^ a) * factor) * factor;
}

static uint64_t up_to_16(const uint8_t *s, size_t count) {
  uint64_t factor = k2 + count * 2;
  if (count >= 8) {
    uint64_t a = word(s) + k2, b = word(s + count - 8);
    return mix(rotate_right(b, 37) * factor + a, (rotate_right(a, 25) + b) * factor, factor);
  }
  if (count >= 4) return mix(count + (half_word(s) << 3), half_word(s + count - 4), factor);
  if (count == 0) return k2;
  uint64_t y = s[0] + ((uint64_t)s[count >> 1] << 8);
  uint64_t z = count + ((uint64_t)s[count - 1] << 2);
  return shift_mix(y * k2 ^ z * k0) * k2;
}

static uint64_t up_to_32(const uint8_t *s, size_t count) {
  uint64_t factor = k2 + count * 2;
  uint64_t a = word(s) * k1, b = word(s + 8);
  uint64_t c = word(s + count - 8) * factor, d = word(s + count - 16) * k2;
  return mix(rotate_right(a + b, 43) + rotate_right(c, 30) + d,
             a + rotate_right(b + k2, 18) + c, factor);
}

static uint64_t up_to_64(const uint8_t *s, size_t count) {
  uint64_t factor = k2 + count * 2;
  uint64_t a = word(s) * k2, b = word(s + 8);
  uint64_t c = word(s + count - 8) * factor, d = word(s + count - 16) * k2;
  uint64_t y = rotate_right(a + b, 43) + rotate_right(c, 30) + d;
  uint64_t z = mix(y, a + rotate_right(b + k2, 18) + c, factor);
  uint64_t e = word(s + 16) * factor, f = word(s + 24);
  uint64_t g = (y + word(s + count - 32)) * factor, h = (z + word(s + count - 24)) * factor;
  return mix(rotate_right(e + f, 43) + rotate_right(g, 30) + h,
             e + rotate_right(f + a, 18) + g, factor);
}

typedef struct pair {
  uint64_t first, second;
} pair;

static pair weak(const uint8_t *s, uint64_t first, uint64_t second) {
  uint64_t a = first + word(s), last = word(s + 24), total = a + word(s + 8) + word(s + 16);
  uint64_t b = rotate_right(second + a + last, 21) + rotate_right(total, 44);
  return (pair){total + last, b + a};
}

typedef struct state {
  uint64_t x, y, z;
  pair v, w;
} state;

/// Takes in 64 bytes; `nine` is 1, or 9 in the last round.
static void take_64(state *h, const uint8_t *s, uint64_t factor, uint64_t nine) {
  h->x = rotate_right(h->x + h->y + h->v.first + word(s + 8), 37) * factor;
  h->y = rotate_right(h->y + h->v.second + word(s + 48), 42) * factor;
  h->x ^= h->w.second * nine;
  h->y += h->v.first * nine + word(s + 40);
  h->z = rotate_right(h->z + h->w.first, 33) * factor;
  h->v = weak(s, h->v.second * factor, h->x + h->w.first);
  h->w = weak(s + 32, h->z + h->w.second, h->y + word(s + 16));
  uint64_t z = h->z;
  h->z = h->x;
  h->x = z;
}

static uint64_t over_64(const uint8_t *s, size_t count) {
  const uint64_t seed = 81;
  state h = {seed * k2 + word(s), seed * k1 + 113, 0, {0, 0}, {0, 0}};
  h.z = shift_mix(h.y * k2 + 113) * k2;
  size_t end = (count - 1) / 64 * 64;
  for (size_t at = 0; at < end; at += 64) take_64(&h, s + at, k1, 1);
  uint64_t factor = k1 + ((h.z & 0xFF) << 1);
  h.w.first += (count - 1) & 63;
  h.v.first += h.w.first;
  h.w.first += h.v.first;
  take_64(&h, s + count - 64, factor, 9);
  return mix(mix(h.v.first, h.w.first, factor) + shift_mix(h.y) * k0 + h.z,
             mix(h.v.second, h.w.second, factor) + h.x, factor);
}

uint64_t string_fingerprint64(const uint8_t *bytes, size_t count) {
  if (count <= 16) return up_to_16(bytes, count);
  if (count <= 32) return up_to_32(bytes, count);
  if (count <= 64) return up_to_64(bytes, count);
  return over_64(bytes, count);
}

// MARK: SipHash
// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012.

static void rounds(uint64_t v[4], int count) {
  for (int i = 0; i < count; i++) {
    v[0] += v[1];
    v[1] = rotate_left(v[1], 13) ^ v[0];
    v[0] = rotate_left(v[0], 32);
    v[2] += v[3];
    v[3] = rotate_left(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate_left(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate_left(v[1], 17) ^ v[2];
    v[2] = rotate_left(v[2], 32);
  }
}

uint64_t string_siphash(const uint8_t *bytes, size_t count, uint64_t key0, uint64_t key1) {
  uint64_t v[4] = {
      key0 ^ 0x736F6D6570736575, key1 ^ 0x646F72616E646F6D, key0 ^ 0x6C7967656E657261,
      key1 ^ 0x7465646279746573};
  uint64_t last = (uint64_t)count << 56;
  size_t at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t block = word(bytes + at);
    v[3] ^= block;
    rounds(v, 2);
    v[0] ^= block;
  }
  for (size_t i = at; i < count; i++) last |= (uint64_t)bytes[i] << 8 * (i - at);
  v[3] ^= last;
  rounds(v, 2);
  v[0] ^= last;
  v[2] ^= 0xFF;
  rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
