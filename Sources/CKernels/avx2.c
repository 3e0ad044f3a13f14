#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ZOO_VARIANT avx2
#define ZOO_COLUMN_LANES 8
#define ZOO_TILE_PIXELS 6
#define ZOO_TILE_BLOCKS 1
#define ZOO_LOAD(to, from) \
  __asm__ volatile("vmovups %1, %0" : "=x"(to) : "m"(*(const column_anywhere *)(from)))
#define ZOO_BROADCAST(to, from) \
  __asm__ volatile("vbroadcastss %1, %0" : "=x"(to) : "m"(*(const float *)(from)))
#define ZOO_MULTIPLY_ADD(sum, a, b) \
  __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b))
#include "vector.inc"
#pragma clang attribute pop
#endif
