#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ZOO_VARIANT avx2
#include "vector.inc"
#pragma clang attribute pop
#endif
