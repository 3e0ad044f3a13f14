#define ZOO_VARIANT portable
#include "vector.inc"
