#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))), apply_to = function)
#define ZOO_VARIANT avx512
#include "avx512.inc"
#pragma clang attribute pop
#endif
