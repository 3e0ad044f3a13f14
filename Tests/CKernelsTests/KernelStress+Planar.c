// Kernels over images as [channel][row][column], and over plain rows of numbers.

#include "KernelStress.h"

void try_channel_affine(void) {
  size_t channels = between(1, 5), plane = between(1, 70), count = channels * plane;
  bool relu = flip();
  float *in = numbers(count, false), *scale = numbers(channels, false),
        *shift = numbers(channels, false);
  EACH(count, false, 1e-6, k->channel_affine(out, in, scale, shift, channels, plane, relu));
}

void try_add_bias(void) {
  size_t rows = between(1, 5), columns = between(1, 70), stride = columns + between(0, 3);
  bool relu = flip();
  float *bias = flip() ? numbers(rows, false) : NULL;
  // The last row ends with its last column.
  EACH((rows - 1) * stride + columns, false, 1e-6,
       k->add_bias(out, bias, rows, columns, stride, relu));
}

void try_unary(void) {
  size_t count = between(1, 100);
  bool bf16 = flip();
  zoo_unary unary = {(zoo_unary_function)between(0, zoo_unary_count - 1), 0.1f};
  void *in = any_numbers(count, bf16);
  EACH(count, bf16, 1e-6, k->unary(out, in, count, &unary, bf16));
}

void try_binary(void) {
  zoo_grid grid;
  size_t count = 1, a_count = 1, b_count = 1;
  for (int axis = 3; axis >= 0; axis--) {
    grid.extent[axis] = between(1, axis == 3 ? 40 : 3);
    bool wide_a = flip(), wide_b = flip();
    grid.a_step[axis] = wide_a ? a_count : 0;
    grid.b_step[axis] = wide_b ? b_count : 0;
    count *= grid.extent[axis];
    if (wide_a) a_count *= grid.extent[axis];
    if (wide_b) b_count *= grid.extent[axis];
  }
  float *a = any_numbers(a_count, false), *b = any_numbers(b_count, false);
  zoo_binary_function function = (zoo_binary_function)between(0, zoo_binary_count - 1);
  EACH(count, false, 0, k->binary(out, a, b, &grid, function));
}

void try_select_rows(void) {
  zoo_selection s = {.rows = between(1, 4), .columns = between(1, 50)};
  float *operand[3];
  for (int i = 0; i < 3; i++) {
    bool wide = flip(), tall = flip();
    s.column_step[i] = wide ? between(1, 2) : 0;
    s.row_step[i] = tall ? (wide ? s.columns * s.column_step[i] : 1) : 0;
    operand[i] = any_numbers(
        (s.rows - 1) * s.row_step[i] + (s.columns - 1) * s.column_step[i] + 1, false);
  }
  EACH(s.rows * s.columns, false, 0, k->select_rows(out, operand[0], operand[1], operand[2], &s));
}

void try_copy_rows(void) {
  zoo_rows rows = {.rows = between(1, 40), .columns = between(1, 40)};
  const bool turned = flip();
  const ptrdiff_t height = (ptrdiff_t)rows.rows, width = (ptrdiff_t)rows.columns;
  rows.in_row = turned ? 1 : (ptrdiff_t)between(0, 1) * width;
  rows.in_column = turned ? height : (ptrdiff_t)between(0, 2);
  rows.out_column = (ptrdiff_t)between(1, 2);
  rows.out_row = width * rows.out_column;
  const bool up = flip(), back = flip();
  size_t reach = (size_t)((height - 1) * rows.in_row + (width - 1) * rows.in_column);
  float *in = any_numbers(reach + 1, false);
  // Backwards from the last one.
  if (up) in += (height - 1) * rows.in_row, rows.in_row = -rows.in_row;
  if (back) in += (width - 1) * rows.in_column, rows.in_column = -rows.in_column;
  EACH((size_t)((height - 1) * rows.out_row + (width - 1) * rows.out_column) + 1, false, 0,
       k->copy_rows(out, in, &rows));
}

void try_multiply_matrices(void) {
  size_t terms = between(1, 50), columns = between(1, 60), blocks = zoo_blocks(columns);
  zoo_matrix_product m = {.rows = between(1, 40), .columns = columns, .terms = terms,
                          .a_row = terms + between(0, 2), .out_row = columns + between(0, 2),
                          .adds = flip()};
  float *a = numbers((m.rows - 1) * m.a_row + terms, false);
  float *b = numbers(terms * columns, false);
  float *packed = unset(blocks * zoo_panel(terms) * sizeof *packed);
  zoo_pack_matrix(packed, b, columns, terms, columns, (zoo_range){0, blocks});
  EACH((m.rows - 1) * m.out_row + columns, false, sum_error(terms, 1) + (m.adds ? 1e-4 : 0),
       WITH_SCRATCH(zoo_matrix_scratch(terms), k->multiply_matrices(out, a, packed, &m, scratch)));
}

void try_max_pool(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * out_plane(&w), false, 0, k->max_pool(out, in, &w, rows.first, rows.count));
}

void try_average_pool(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * out_plane(&w), false, 1e-5,
       k->average_pool(out, in, &w, rows.first, rows.count));
}

void try_reduce(void) {
  zoo_reduction reduction;
  reduction.function = (zoo_reduction_function)between(0, zoo_reduction_count - 1);
  size_t count = 1, kept = 1;
  for (int axis = 0; axis < 4; axis++) {
    reduction.reduced[axis] = flip();
    // An axis that is reduced may be empty.
    size_t least = reduction.reduced[axis] && between(0, 9) == 0 ? 0 : 1;
    size_t extent = least ? between(1, axis == 3 ? 40 : 4) : 0;
    reduction.extent[axis] = extent;
    count *= extent;
    if (!reduction.reduced[axis]) kept *= extent;
  }
  bool extremum = reduction.function == zoo_largest || reduction.function == zoo_smallest;
  float *in = extremum ? any_numbers(count, false) : numbers(count, false);
  EACH(kept, false, extremum ? 0 : sum_error(count / kept, 1), k->reduce(out, in, &reduction));
}

void try_resize(void) {
  zoo_resize r = resizing();
  size_t channels = between(1, 3);
  float *in = numbers(channels * r.height * r.width, false);
  EACH(channels * r.out_height * r.out_width, false, r.nearest ? 0 : 1e-6,
       k->resize(out, in, &r, channels));
}

void try_plane_mean(void) {
  size_t channels = between(1, 5), plane = between(1, 100);
  float *in = numbers(channels * plane, false);
  EACH(channels, false, 1e-5, k->plane_mean(out, in, channels, plane));
}

void try_im2col(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * w.window_height * w.window_width * rows.count * w.out_width, false, 0,
       k->im2col(out, in, &w, rows.first, rows.count));
}

void try_gemm(void) {
  size_t m = between(1, 8), n = between(1, 50), l = between(1, 50);
  size_t lda = l + between(0, 2), ldb = n + between(0, 2), ldc = n + between(0, 2);
  float *a = numbers((m - 1) * lda + l, false), *b = numbers((l - 1) * ldb + n, false);
  EACH((m - 1) * ldc + n, false, sum_error(l, 1), k->gemm(out, ldc, a, lda, b, ldb, m, n, l));
}

void try_linear(void) {
  size_t outputs = between(1, 9), inputs = between(1, 70);
  float *in = numbers(inputs, false), *weight = numbers(outputs * inputs, false),
        *bias = numbers(outputs, false);
  EACH(outputs, false, sum_error(inputs, 1), k->linear(out, in, weight, bias, outputs, inputs));
}

void try_convolve_transposed_planar(void) {
  zoo_convolution c = {.window = transposed_window(between(1, 4)), .groups = between(1, 3),
                       .outputs = between(1, 4), .relu = flip()};
  const zoo_window *w = &c.window;
  const size_t inputs = c.groups * w->channels, results = c.groups * c.outputs;
  const size_t taps = w->window_height * w->window_width;
  c.weight = numbers(inputs * c.outputs * taps, false);
  if (flip()) c.bias = numbers(results, false);
  float *in = numbers(inputs * plane_of(w), false);
  zoo_range outputs = part_of(results);
  EACH(results * out_plane(w), false, sum_error(w->channels * taps, 1),
       k->convolve_transposed_planar(&c, in, out, outputs));
}
