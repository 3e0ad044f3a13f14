#pragma once
// What the kernels for functions of single numbers, broadcasts, reductions and resizing are told.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  zoo_relu,
  zoo_leaky_relu,  // x above 0, else x * parameter
  zoo_sigmoid,
  zoo_silu,
  zoo_gelu,  // x times the normal distribution; of an infinity NaN, as in PyTorch
  zoo_tanh,
  zoo_exp,
  zoo_log,
  zoo_absolute,
  zoo_negate,
  zoo_square_root,
  zoo_reciprocal_square_root,
  zoo_erf,
  zoo_floor,
  zoo_ceiling,
  zoo_round,  // halves to even
  zoo_truncate,
  zoo_sign,
  zoo_sine,
  zoo_cosine,
  zoo_elu,  // x above 0, else (exp(x) - 1) * parameter
  zoo_softplus,
  zoo_unary_count
} zoo_unary_function;

typedef struct {
  zoo_unary_function function;
  float parameter;
} zoo_unary;

// Maximum and minimum are NaN where either number is; comparisons are 1 or 0.
typedef enum {
  zoo_add,
  zoo_subtract,
  zoo_multiply,
  zoo_divide,
  zoo_maximum,
  zoo_minimum,
  zoo_power,
  zoo_remainder,
  zoo_less,
  zoo_less_or_equal,
  zoo_equal,
  zoo_binary_count
} zoo_binary_function;

// The four extents of an element-wise result, and each operand's step along each axis.
typedef struct {
  size_t extent[4], a_step[4], b_step[4];
} zoo_grid;

// An operand of an element-wise result in blocks: bytes from one block of channels, and from one
// pixel, to the next; 0 where all share the same.
typedef struct {
  const void *numbers;
  size_t block_step, pixel_step;
  bool spread;  // one number stands for all channels of a block
  bool bf16;
} zoo_operand;

// A choice between two numbers, row by row: the result is contiguous, each of condition, first and
// second advances by steps of its own, 0 where it is broadcast.
typedef struct {
  size_t rows, columns, row_step[3], column_step[3];
} zoo_selection;

// Rows of numbers that are brought from one place to another: so far apart, and forwards,
// backwards, or standing still.
typedef struct {
  size_t rows, columns;
  ptrdiff_t in_row, in_column, out_row, out_column;
} zoo_rows;

typedef enum {
  zoo_sum,
  zoo_mean,
  zoo_largest,
  zoo_smallest,
  zoo_product,
  zoo_reduction_count
} zoo_reduction_function;

// Four axes, some of which become one number; any may be empty.
typedef struct {
  size_t extent[4];
  bool reduced[4];
  zoo_reduction_function function;
} zoo_reduction;

// The rows, or columns, of an image that one row of the result lies between.
typedef struct {
  uint32_t first, second;
  float first_weight, second_weight;
} zoo_pick;

typedef struct {
  size_t height, width, out_height, out_width;
  const zoo_pick *rows, *columns;  // one for each of the result
  bool nearest;                    // the first alone counts
} zoo_resize;

// Bytes of scratch that resize_blocks needs: two rows of the result's width.
static inline size_t zoo_resize_scratch(const zoo_resize *r) {
  return r->nearest ? 0 : 2 * r->out_width * 16 * sizeof(float);
}
