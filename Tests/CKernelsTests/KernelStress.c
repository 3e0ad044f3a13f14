// Every kernel of the list over odd shapes, in every variant that this machine has, each operand
// in a heap block of exactly its size: under the address sanitizer an access past an end stops the
// program. Results are compared with those of the plain loops, coarsely: the kernel tests are the
// sharp ones.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

enum { trials = 300, most_operands = 8 };

static const char *kernel_name;
static size_t trial, comparisons;

// Numbers from a counter: the same in every run.
static uint64_t draw(void) {
  static uint64_t counter;
  uint64_t z = (counter += 0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}
static size_t between(size_t low, size_t high) { return low + draw() % (high - low + 1); }
static bool flip(void) { return draw() & 1; }
static float number(void) { return (float)(draw() >> 40) / 0x1p23f - 1; }

static void put(void *to, size_t index, float value, bool bf16) {
  if (bf16) ((uint16_t *)to)[index] = zoo_bf16(value);
  else ((float *)to)[index] = value;
}
static float get(const void *from, size_t index, bool bf16) {
  return bf16 ? zoo_f32(((const uint16_t *)from)[index]) : ((const float *)from)[index];
}

// Operands live until the trial ends.
static void *operands[most_operands];
static size_t operand_count;

static void *numbers(size_t count, bool bf16) {
  void *block = malloc(count * (bf16 ? 2 : 4));
  for (size_t i = 0; i < count; i++) put(block, i, number(), bf16);
  return operands[operand_count++] = block;
}

// An image in blocks, the last one filled up with zeros.
static void *blocked(size_t channels, size_t plane, bool bf16) {
  size_t count = zoo_blocks(channels) * zoo_block;
  void *block = numbers(count * plane, bf16);
  for (size_t c = channels; c < count; c++)
    for (size_t p = 0; p < plane; p++)
      put(block, (c / zoo_block * plane + p) * zoo_block + c % zoo_block, 0, bf16);
  return block;
}

static void *result(size_t count, bool bf16) {
  void *block = malloc(count * (bf16 ? 2 : 4));
  for (size_t i = 0; i < count; i++) put(block, i, 77, bf16);
  return block;
}

static void compare(const char *variant, const void *found, const void *expected, size_t count,
                    bool bf16, double allowed) {
  for (size_t i = 0; i < count; i++) {
    double a = get(found, i, bf16), b = get(expected, i, bf16);
    if (a == b || fabs(a - b) <= allowed + (bf16 ? fabs(b) * 0x1p-7 : 0)) continue;
    fprintf(stderr, "%s, %s, trial %zu: [%zu] is %g, not %g\n", kernel_name, variant, trial, i, a,
            b);
    exit(1);
  }
  comparisons++;
}

// Calls every variant on a result of its own, `out`; the first is the oracle.
#define EACH(count, bf16, allowed, call) \
  do { \
    void *expected = NULL; \
    for (int isa = 0; isa < zoo_isa_count; isa++) { \
      const zoo_kernel_table *k = zoo_kernels_for((zoo_isa)isa); \
      if (!k) continue; \
      void *out = result(count, bf16); \
      call; \
      if (expected) compare(k->name, out, expected, count, bf16, allowed); \
      if (expected) free(out); \
      else expected = out; \
    } \
    free(expected); \
  } while (0)

// As many roundings as numbers in a sum of numbers below `most`.
static double sum_error(size_t count, double most) {
  return (double)(count + 8) * (double)(count + 8) * most * 0x1p-23;
}

static zoo_range part_of(size_t count) {
  size_t length = between(1, count);
  return (zoo_range){between(0, count - length), length};
}

// The size of a result whose far side has more padding than the near one, or less, or leaves the
// image's end out.
static size_t out_extent(size_t extent, size_t side, size_t stride, size_t padding,
                         size_t dilation) {
  size_t reach = dilation * (side - 1) + 1, padded = extent + padding + between(0, 4);
  size_t left_out = between(0, 3);
  if (padded < reach + left_out) padded = reach + left_out;
  return (padded - left_out - reach) / stride + 1;
}

static zoo_window window(size_t channels) {
  zoo_window w = {
      .channels = channels,
      .height = between(1, 20),
      .width = between(1, 33),
      .window_height = between(1, 4),
      .window_width = between(1, 7),
      .stride_y = between(1, 3),
      .stride_x = between(1, 4),
      .padding_y = between(0, 4),
      .padding_x = between(0, 4),
      .dilation_y = between(1, 3),
      .dilation_x = between(1, 3),
  };
  return w;
}

static zoo_window fitted(zoo_window w) {
  w.out_height = out_extent(w.height, w.window_height, w.stride_y, w.padding_y, w.dilation_y);
  w.out_width = out_extent(w.width, w.window_width, w.stride_x, w.padding_x, w.dilation_x);
  return w;
}

static size_t out_plane(const zoo_window *w) { return w->out_height * w->out_width; }
static size_t plane_of(const zoo_window *w) { return w->height * w->width; }

// --- Images as [channel][row][column]

static void try_channel_affine(void) {
  size_t channels = between(1, 5), plane = between(1, 70), count = channels * plane;
  bool relu = flip();
  float *in = numbers(count, false), *scale = numbers(channels, false),
        *shift = numbers(channels, false);
  EACH(count, false, 1e-6, k->channel_affine(out, in, scale, shift, channels, plane, relu));
}

static void try_add_bias(void) {
  size_t rows = between(1, 5), columns = between(1, 70), stride = columns + between(0, 3);
  bool relu = flip();
  float *bias = flip() ? numbers(rows, false) : NULL;
  // The last row ends with its last column.
  EACH((rows - 1) * stride + columns, false, 1e-6,
       k->add_bias(out, bias, rows, columns, stride, relu));
}

static void try_relu(void) {
  size_t count = between(1, 100);
  float *in = numbers(count, false);
  EACH(count, false, 0, k->relu(out, in, count));
}

static void try_binary(void) {
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
  float *a = numbers(a_count, false), *b = numbers(b_count, false);
  zoo_binary_function function = (zoo_binary_function)between(zoo_add, zoo_multiply);
  EACH(count, false, 0, k->binary(out, a, b, &grid, function));
}

static void try_max_pool(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * out_plane(&w), false, 0, k->max_pool(out, in, &w, rows.first, rows.count));
}

static void try_average_pool(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * out_plane(&w), false, 1e-5,
       k->average_pool(out, in, &w, rows.first, rows.count));
}

static void try_plane_mean(void) {
  size_t channels = between(1, 5), plane = between(1, 100);
  float *in = numbers(channels * plane, false);
  EACH(channels, false, 1e-5, k->plane_mean(out, in, channels, plane));
}

static void try_im2col(void) {
  zoo_window w = fitted(window(between(1, 3)));
  float *in = numbers(w.channels * plane_of(&w), false);
  zoo_range rows = part_of(w.out_height);
  EACH(w.channels * w.window_height * w.window_width * rows.count * w.out_width, false, 0,
       k->im2col(out, in, &w, rows.first, rows.count));
}

static void try_gemm(void) {
  size_t m = between(1, 8), n = between(1, 50), l = between(1, 50);
  size_t lda = l + between(0, 2), ldb = n + between(0, 2), ldc = n + between(0, 2);
  float *a = numbers((m - 1) * lda + l, false), *b = numbers((l - 1) * ldb + n, false);
  EACH((m - 1) * ldc + n, false, sum_error(l, 1), k->gemm(out, ldc, a, lda, b, ldb, m, n, l));
}

static void try_linear(void) {
  size_t outputs = between(1, 9), inputs = between(1, 70);
  float *in = numbers(inputs, false), *weight = numbers(outputs * inputs, false),
        *bias = numbers(outputs, false);
  EACH(outputs, false, sum_error(inputs, 1), k->linear(out, in, weight, bias, outputs, inputs));
}

// --- Convolutions of images in blocks

static void *packed(size_t count, bool bf16) {
  void *block = malloc(count * (bf16 ? 2 : 4));
  memset(block, 0xff, count * (bf16 ? 2 : 4));
  return operands[operand_count++] = block;
}

// Weights and bias of `groups` times c->outputs from c->window.channels each.
static void prepare(zoo_convolution *c, size_t points, size_t inputs,
                    void (*pack)(float *, const float *, const zoo_filter *, zoo_range)) {
  const zoo_window *w = &c->window;
  const zoo_filter filter = {c->outputs, w->channels, w->window_height, w->window_width};
  const zoo_range all = {0, zoo_blocks(c->outputs)};
  const size_t size = all.count * zoo_block * inputs * points;
  const size_t taps = w->window_height * w->window_width;
  const bool pairs = c->bf16 && !pack;
  char *weight = packed(c->groups * size, pairs);
  for (size_t g = 0; g < c->groups; g++) {
    float *from = numbers(c->outputs * w->channels * taps, false);
    if (pairs) zoo_pack_direct_bf16((uint16_t *)weight + g * size, from, &filter, all);
    else if (pack) pack((float *)weight + g * size, from, &filter, all);
    else zoo_pack_direct((float *)weight + g * size, from, &filter, all);
  }
  c->weight = weight;
  c->bias = blocked(c->groups * c->outputs, 1, false);
  c->relu = flip();
}

#define WITH_SCRATCH(bytes, call) \
  do { \
    void *scratch = malloc(bytes); \
    memset(scratch, 0xff, bytes); \
    call; \
    free(scratch); \
  } while (0)

static size_t padded(size_t channels) { return zoo_blocks(channels) * zoo_block; }

static double convolution_error(const zoo_convolution *c) {
  const zoo_window *w = &c->window;
  return sum_error(w->channels * w->window_height * w->window_width, c->scale ? 2 : 1);
}

static void try_convolve_pointwise(void) {
  zoo_convolution c = {.window = window(between(1, 50)), .groups = 1, .outputs = between(1, 50),
                       .bf16 = flip()};
  zoo_window *w = &c.window;
  w->window_height = w->window_width = w->dilation_y = w->dilation_x = 1;
  w->padding_y = w->padding_x = 0;
  if (flip()) w->stride_y = w->stride_x = 1;
  w->out_height = (w->height - 1) / w->stride_y + 1;
  w->out_width = (w->width - 1) / w->stride_x + 1;
  prepare(&c, 1, padded(w->channels), NULL);
  const bool prologue = flip();
  if (prologue) {
    c.scale = blocked(w->channels, 1, false), c.shift = blocked(w->channels, 1, false);
    c.prologue_relu = flip();
  }
  void *in = blocked(w->channels, plane_of(w), c.bf16);
  size_t count = padded(c.outputs) * out_plane(w);
  void *residual = flip() ? blocked(c.outputs, out_plane(w), c.bf16) : NULL;
  zoo_range pixels = part_of(out_plane(w)), blocks = part_of(zoo_blocks(c.outputs));
  // Where the prologue's number is halfway between two in bfloat16, either may be taken.
  double either = prologue && c.bf16 ? (double)w->channels * 0x1p-7 : 0;
  EACH(count, c.bf16, convolution_error(&c) + either,
       WITH_SCRATCH(zoo_pointwise_scratch(&c),
                    k->convolve_pointwise(&c, in, out, residual, pixels, blocks, scratch)));
}

static void try_convolve_direct(void) {
  const bool grouped = flip() && flip();
  zoo_convolution c = {.window = fitted(window(grouped ? 16 : between(1, 33))),
                       .groups = grouped ? 2 : 1,
                       .outputs = grouped ? 32 : between(1, 33),
                       .bf16 = flip()};
  zoo_window *w = &c.window;
  prepare(&c, w->window_height * w->window_width, padded(w->channels), NULL);
  const size_t results = c.groups * c.outputs;
  void *in = blocked(c.groups * w->channels, plane_of(w), c.bf16);
  void *residual = flip() ? blocked(results, out_plane(w), c.bf16) : NULL;
  zoo_range rows = part_of(w->out_height < 4 ? w->out_height : 4);
  zoo_range blocks = part_of(zoo_blocks(results));
  EACH(padded(results) * out_plane(w), c.bf16, convolution_error(&c),
       WITH_SCRATCH(zoo_direct_scratch(&c, rows.count),
                    k->convolve_direct(&c, in, out, residual, rows, blocks, scratch)));
}

static void try_convolve_planar(void) {
  zoo_convolution c = {.window = fitted(window(between(1, 5))), .groups = 1,
                       .outputs = between(1, 50), .bf16 = flip()};
  zoo_window *w = &c.window;
  prepare(&c, w->window_height * w->window_width, w->channels, zoo_pack_planar);
  void *in = numbers(w->channels * plane_of(w), false);
  zoo_range rows = part_of(w->out_height), blocks = part_of(zoo_blocks(c.outputs));
  EACH(padded(c.outputs) * out_plane(w), c.bf16, convolution_error(&c),
       WITH_SCRATCH(zoo_planar_scratch(&c, rows.count),
                    k->convolve_planar(&c, in, out, rows, blocks, scratch)));
}

static void try_convolve_depthwise(void) {
  zoo_convolution c = {.window = fitted(window(1)), .groups = 1, .outputs = between(1, 50),
                       .bf16 = flip()};
  zoo_window *w = &c.window;
  prepare(&c, w->window_height * w->window_width, 1, zoo_pack_depthwise);
  c.groups = c.outputs;
  c.outputs = 1;
  void *in = blocked(c.groups, plane_of(w), c.bf16);
  void *residual = flip() ? blocked(c.groups, out_plane(w), c.bf16) : NULL;
  zoo_range rows = part_of(w->out_height), blocks = part_of(zoo_blocks(c.groups));
  EACH(padded(c.groups) * out_plane(w), c.bf16, convolution_error(&c),
       k->convolve_depthwise(&c, in, out, residual, rows, blocks));
}

static void try_convolve_winograd(void) {
  zoo_convolution c = {.window = window(between(1, 20)), .groups = 1, .outputs = between(1, 33),
                       .bf16 = flip()};
  zoo_window *w = &c.window;
  w->window_height = w->window_width = 3;
  w->stride_y = w->stride_x = 1;
  *w = fitted(*w);
  prepare(&c, 36, padded(w->channels), zoo_pack_winograd);
  void *in = blocked(w->channels, plane_of(w), c.bf16);
  void *residual = flip() ? blocked(c.outputs, out_plane(w), c.bf16) : NULL;
  size_t tiles = zoo_winograd_tiles(w);
  zoo_range some = part_of(tiles), blocks = part_of(zoo_blocks(c.outputs));
  if (some.count > 4) some.count = 4;
  EACH(padded(c.outputs) * out_plane(w), c.bf16, convolution_error(&c),
       WITH_SCRATCH(zoo_winograd_scratch(&c, some.count),
                    k->convolve_winograd(&c, in, out, residual, some, blocks, scratch)));
}

// --- All else on images in blocks

static zoo_affine affine_for(size_t channels, bool always) {
  if (!always && flip()) return (zoo_affine){0};
  return (zoo_affine){blocked(channels, 1, false), blocked(channels, 1, false), flip()};
}

static void try_pool_blocks(void) {
  size_t channels = between(1, 50);
  bool bf16 = flip();
  zoo_pooling pooling = {fitted(window(channels)), flip(), affine_for(channels, false)};
  const zoo_window *w = &pooling.window;
  void *in = blocked(channels, plane_of(w), bf16);
  zoo_range rows = part_of(w->out_height), blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * out_plane(w), bf16, 1e-5,
       k->pool_blocks(out, in, &pooling, rows, blocks, bf16));
}

static void try_mean_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 100);
  bool bf16 = flip();
  zoo_affine affine = affine_for(channels, false);
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(channels, false, 1e-4, k->mean_blocks(out, in, &affine, channels, plane, blocks, bf16));
}

static void try_affine_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  zoo_affine affine = affine_for(channels, true);
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * plane, bf16, 1e-6,
       k->affine_blocks(out, in, &affine, plane, blocks, bf16));
}

static void try_combine_blocks(void) {
  size_t pixels = between(1, 40);
  bool bf16 = flip(), relu = flip();
  void *a = numbers(pixels * zoo_block, bf16), *b = numbers(pixels * zoo_block, bf16);
  zoo_binary_function function = (zoo_binary_function)between(zoo_add, zoo_multiply);
  zoo_range part = part_of(pixels);
  EACH(pixels * zoo_block, bf16, 0, k->combine_blocks(out, a, b, part, function, relu, bf16));
}

static void try_to_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  float *in = numbers(channels * plane, false);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * plane, bf16, 0, k->to_blocks(out, in, channels, plane, blocks, bf16));
}

static void try_from_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(channels * plane, false, 0, k->from_blocks(out, in, channels, plane, blocks, bf16));
}

static void try_place_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 40), first = between(0, 40);
  bool bf16 = flip();
  void *in = blocked(channels, plane, bf16);
  EACH(padded(first + channels) * plane, bf16, 0,
       k->place_blocks(out, in, first, channels, plane, bf16));
}

int main(void) {
  // A kernel without a function above does not compile.
  static const struct {
    const char *name;
    void (*attempt)(void);
  } kernels[] = {
#define ZOO_KERNEL(name, parameters) {#name, try_##name},
#include "kernel_list.h"
#undef ZOO_KERNEL
  };
  size_t count = sizeof kernels / sizeof *kernels, variants = 0;
  for (int isa = 0; isa < zoo_isa_count; isa++) variants += zoo_kernels_for((zoo_isa)isa) != NULL;
  for (size_t i = 0; i < count; i++) {
    kernel_name = kernels[i].name;
    for (trial = 0; trial < trials; trial++) {
      kernels[i].attempt();
      while (operand_count) free(operands[--operand_count]);
    }
  }
  printf("kernels: %zu in %zu variants, %zu results compared, no fault\n", count, variants,
         comparisons);
}
