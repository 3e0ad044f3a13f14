#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512bf16,fma"))), apply_to = function)
#define ZOO_VARIANT avx512bf16
#define ZOO_DOT_PAIRS(sum, a, b) \
  __asm__ volatile("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b))
#define ZOO_NARROW(value) \
  __builtin_bit_cast(short_lanes, _mm512_cvtneps_pbh(__builtin_bit_cast(__m512, value)))
#include "avx512.inc"
#pragma clang attribute pop
#endif
