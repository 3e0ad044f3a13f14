// The right matrix of a product in the order in which the tile reads it.

#include <string.h>

#include "matrix.h"

void zoo_pack_matrix(float *out, const float *b, size_t row, size_t terms, size_t columns,
                     zoo_range blocks) {
  const size_t padded = zoo_blocks(terms) * zoo_block;
  for (size_t block = blocks.first; block < blocks.first + blocks.count; block++) {
    const size_t first = block * zoo_block, rest = columns - first;
    const size_t count = rest < zoo_block ? rest : zoo_block;
    if (count < zoo_block || terms < padded) memset(out, 0, padded * zoo_block * sizeof *out);
    for (size_t t = 0; t < terms; t++)
      memcpy(out + t * zoo_block, b + t * row + first, count * sizeof *out);
    out += padded * zoo_block;
  }
}
