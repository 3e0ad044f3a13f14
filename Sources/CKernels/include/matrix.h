#pragma once
// Products of matrices: the right one packed in blocks of 16 columns, as the tile reads weights.

#include <stdbool.h>
#include <stddef.h>

#include "blocked.h"

// Terms of each sum that are added in registers; what was summed before is then added as one number,
// so that neither packed panels nor scratch memory grow with the matrices.
enum { zoo_matrix_terms = 2048 };

typedef struct {
  size_t rows, columns;
  size_t terms;           // at most zoo_matrix_terms
  size_t a_row, out_row;  // floats from row to row
  bool adds;              // to what stands in the result
} zoo_matrix_product;

// Floats of a packed panel: 16 columns of so many terms.
static inline size_t zoo_panel(size_t terms) { return zoo_blocks(terms) * zoo_block * zoo_block; }

// Packs some blocks of columns of a matrix whose rows lie `row` floats apart:
// [block][terms rounded up to 16][16 columns], filled up with zeros. `out` is where the first of
// these blocks begins.
void zoo_pack_matrix(float *out, const float *b, size_t row, size_t terms, size_t columns,
                     zoo_range blocks);

// Bytes of scratch that multiply_matrices needs: the rows of a tile, and a tile of results.
static inline size_t zoo_matrix_scratch(size_t terms) {
  enum { most_tile_rows = 14 };
  return (zoo_blocks(terms) + 1) * zoo_block * most_tile_rows * sizeof(float);
}
