#define ZOO_VARIANT portable
#define ZOO_COLUMN_LANES 4
// Sums and weights of a tile fill the registers: 32 on arm64, 16 on x86-64 before AVX-512.
#if defined(__aarch64__)
#define ZOO_TILE_PIXELS 6
#else
#define ZOO_TILE_PIXELS 2
#endif
#define ZOO_TILE_BLOCKS 1
#include "vector.inc"
