#pragma once
// What the drivers of the kernels' stress test share: numbers, operands in heap blocks of exactly
// their size, shapes, and calls of every variant.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

// One driver a kernel, try_<name>: a trial of one shape. One that is missing does not link, one
// whose kernel is gone does not compile.
#define ZOO_KERNEL(name, parameters) void try_##name(void);
#include "kernel_list.h"
#undef ZOO_KERNEL

// Numbers from a counter: the same in every run.
uint64_t draw(void);
size_t between(size_t low, size_t high);
bool flip(void);
// Some of so many units.
zoo_range part_of(size_t count);

// Memory for an operand, which lives until the trial ends: filled with ones, with numbers below 1,
// or with any number there is, infinities and NaN too.
void *unset(size_t bytes);
void *numbers(size_t count, bool bf16);
void *any_numbers(size_t count, bool bf16);
// An image in blocks, the last one filled up with zeros.
void *blocked(size_t channels, size_t plane, bool bf16);
static inline size_t padded(size_t channels) { return zoo_blocks(channels) * zoo_block; }
static inline size_t size_of(bool bf16) { return bf16 ? 2 : 4; }

void *result(size_t count, bool bf16);
// Stops the program where the two differ by more than `allowed` and the rounding of the result;
// nothing allowed in floats is nothing at all.
void compare(const char *variant, const void *found, const void *expected, size_t count, bool bf16,
             double allowed);

// Calls every variant `k` on a result of its own, `out`; the first is the oracle.
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

#define WITH_SCRATCH(bytes, call) \
  do { \
    void *scratch = malloc(bytes); \
    memset(scratch, 0xff, bytes); \
    call; \
    free(scratch); \
  } while (0)

// As many roundings as numbers in a sum of numbers below `most`.
double sum_error(size_t count, double most);

// A window and an image of drawn sizes; `fitted` gives it a result whose far side has more padding
// than the near one, or less, or leaves the image's end out.
zoo_window window(size_t channels);
zoo_window fitted(zoo_window w);
// A window whose transposed convolution crops the result on either side, or has rows and columns
// that nothing reaches.
zoo_window transposed_window(size_t channels);
static inline size_t plane_of(const zoo_window *w) { return w->height * w->width; }
static inline size_t out_plane(const zoo_window *w) { return w->out_height * w->out_width; }

// Tables that pick neighbours or any two rows and columns.
zoo_resize resizing(void);
