// Every kernel of the list over odd shapes, in every variant that this machine has, each operand
// in a heap block of exactly its size: under the address sanitizer an access past an end stops the
// program. Results are compared with those of the plain loops, coarsely: the kernel tests are the
// sharp ones.

#include "KernelStress.h"

#include <math.h>
#include <stdio.h>

enum { trials = 300, most_operands = 8 };

static const char *kernel_name;
static size_t trial, comparisons;

uint64_t draw(void) {
  static uint64_t counter;
  uint64_t z = (counter += 0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}
size_t between(size_t low, size_t high) { return low + draw() % (high - low + 1); }
bool flip(void) { return draw() & 1; }
static float number(void) { return (float)(draw() >> 40) / 0x1p23f - 1; }

zoo_range part_of(size_t count) {
  size_t length = between(1, count);
  return (zoo_range){between(0, count - length), length};
}

static void put(void *to, size_t index, float value, bool bf16) {
  if (bf16) ((uint16_t *)to)[index] = zoo_bf16(value);
  else ((float *)to)[index] = value;
}
static float get(const void *from, size_t index, bool bf16) {
  return bf16 ? zoo_f32(((const uint16_t *)from)[index]) : ((const float *)from)[index];
}

static void *operands[most_operands];
static size_t operand_count;

void *unset(size_t bytes) {
  if (operand_count == most_operands) abort();
  void *block = malloc(bytes);
  memset(block, 0xff, bytes);
  return operands[operand_count++] = block;
}

void *numbers(size_t count, bool bf16) {
  void *block = unset(count * size_of(bf16));
  for (size_t i = 0; i < count; i++) put(block, i, number(), bf16);
  return block;
}

void *any_numbers(size_t count, bool bf16) {
  static const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 0x1p-149f, 1};
  void *block = numbers(count, bf16);
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)draw();
    float value;
    memcpy(&value, &bits, sizeof value);
    switch (between(0, 3)) {
    case 0: put(block, i, special[between(0, sizeof special / sizeof *special - 1)], bf16); break;
    case 1: put(block, i, value, bf16); break;
    case 2: put(block, i, 20 * number(), bf16); break;
    }
  }
  return block;
}

void *blocked(size_t channels, size_t plane, bool bf16) {
  void *block = numbers(padded(channels) * plane, bf16);
  for (size_t c = channels; c < padded(channels); c++)
    for (size_t p = 0; p < plane; p++)
      put(block, (c / zoo_block * plane + p) * zoo_block + c % zoo_block, 0, bf16);
  return block;
}

void *result(size_t count, bool bf16) {
  void *block = malloc(count * size_of(bf16));
  for (size_t i = 0; i < count; i++) put(block, i, 77, bf16);
  return block;
}

void compare(const char *variant, const void *found, const void *expected, size_t count, bool bf16,
             double allowed) {
  for (size_t i = 0; i < count; i++) {
    double a = get(found, i, bf16), b = get(expected, i, bf16);
    if (a == b || (isnan(a) && isnan(b))) continue;
    // The instructions for bfloat16 make zero of denormal numbers.
    double rounding = bf16 ? fabs(b) * 0x1p-7 + 0x1p-126 : fabs(b) * fmin(allowed, 0x1p-20);
    if (isfinite(b) && fabs(a - b) <= allowed + rounding) continue;
    fprintf(stderr, "%s, %s, trial %zu: [%zu] is %g, not %g\n", kernel_name, variant, trial, i, a,
            b);
    exit(1);
  }
  comparisons++;
}

double sum_error(size_t count, double most) {
  return (double)(count + 8) * (double)(count + 8) * most * 0x1p-23;
}

zoo_window window(size_t channels) {
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

static size_t out_extent(size_t extent, size_t side, size_t stride, size_t padding,
                         size_t dilation) {
  size_t reach = dilation * (side - 1) + 1, all = extent + padding + between(0, 4);
  size_t left_out = between(0, 3);
  if (all < reach + left_out) all = reach + left_out;
  return (all - left_out - reach) / stride + 1;
}

zoo_window fitted(zoo_window w) {
  w.out_height = out_extent(w.height, w.window_height, w.stride_y, w.padding_y, w.dilation_y);
  w.out_width = out_extent(w.width, w.window_width, w.stride_x, w.padding_x, w.dilation_x);
  return w;
}

static size_t transposed_extent(size_t extent, size_t side, size_t stride, size_t *padding,
                                size_t dilation) {
  size_t whole = (extent - 1) * stride + dilation * (side - 1) + 1;
  if (*padding >= whole) *padding = whole - 1;
  size_t all = whole - *padding + between(0, 3), left_out = between(0, 3);
  return all > left_out ? all - left_out : 1;
}

zoo_window transposed_window(size_t channels) {
  zoo_window w = window(channels);
  // The plain loops look every tap up among all others, for every number.
  w.height = between(1, 6);
  w.width = between(1, 12);
  w.window_width = between(1, 5);
  w.out_height =
      transposed_extent(w.height, w.window_height, w.stride_y, &w.padding_y, w.dilation_y);
  w.out_width = transposed_extent(w.width, w.window_width, w.stride_x, &w.padding_x, w.dilation_x);
  return w;
}

static const zoo_pick *picks(size_t extent, size_t count) {
  bool ascending = flip();
  zoo_pick *all = unset(count * sizeof *all);
  for (size_t i = 0; i < count; i++) {
    size_t first = ascending ? i * extent / count : between(0, extent - 1);
    size_t neighbour = first + 1 < extent ? first + 1 : first;
    size_t second = ascending ? neighbour : between(0, extent - 1);
    float weight = (number() + 1) / 2;
    all[i] = (zoo_pick){(uint32_t)first, (uint32_t)second, 1 - weight, weight};
  }
  return all;
}

zoo_resize resizing(void) {
  zoo_resize r = {
      .height = between(1, 12),
      .width = between(1, 20),
      .out_height = between(1, 12),
      .out_width = between(1, 20),
      .nearest = between(0, 2) == 0,
  };
  r.rows = picks(r.height, r.out_height);
  r.columns = picks(r.width, r.out_width);
  return r;
}

int main(void) {
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
