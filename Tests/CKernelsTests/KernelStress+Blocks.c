// All else on images in blocks.

#include "KernelStress.h"

static zoo_affine affine_for(size_t channels, bool always) {
  if (!always && flip()) return (zoo_affine){0};
  return (zoo_affine){blocked(channels, 1, false), blocked(channels, 1, false), flip()};
}

void try_pool_blocks(void) {
  size_t channels = between(1, 50);
  bool bf16 = flip();
  zoo_pooling pooling = {fitted(window(channels)), flip(), affine_for(channels, false)};
  const zoo_window *w = &pooling.window;
  void *in = blocked(channels, plane_of(w), bf16);
  zoo_range rows = part_of(w->out_height), blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * out_plane(w), bf16, 1e-5,
       k->pool_blocks(out, in, &pooling, rows, blocks, bf16));
}

void try_mean_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 100);
  bool bf16 = flip();
  zoo_affine affine = affine_for(channels, false);
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(channels, false, 1e-4, k->mean_blocks(out, in, &affine, channels, plane, blocks, bf16));
}

void try_moments_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 3 * zoo_strip);
  bool bf16 = flip();
  void *in = blocked(channels, plane, bf16);
  size_t strips = zoo_blocks(channels) * zoo_strips(plane);
  zoo_range part = part_of(strips);
  // Differences from the mean are below 2; each is off by the mean's error too.
  EACH(strips * 2 * zoo_block, false, 3 * sum_error(zoo_strip, 4),
       k->moments_blocks(out, in, plane, part, bf16));
}

void try_affine_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  zoo_affine affine = affine_for(channels, true);
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * plane, bf16, 1e-6,
       k->affine_blocks(out, in, &affine, plane, blocks, bf16));
}

// An operand of a result in blocks, broadcast or not.
static zoo_operand operand_for(size_t blocks, size_t plane, bool bf16, bool whole) {
  zoo_operand operand = {.spread = !whole && flip(), .bf16 = bf16 && (whole || flip())};
  const bool each_block = whole || (!operand.spread && flip()), each_pixel = whole || flip();
  // One number for all channels of a block stands alone, or is the first of an image's block.
  const size_t numbers_each = operand.spread && flip() ? 1 : zoo_block;
  const size_t pixels = each_pixel ? plane : 1;
  operand.pixel_step = each_pixel ? numbers_each * size_of(operand.bf16) : 0;
  operand.block_step = each_block ? pixels * numbers_each * size_of(operand.bf16) : 0;
  operand.numbers =
      any_numbers((each_block ? blocks : 1) * pixels * numbers_each, operand.bf16);
  return operand;
}

void try_combine_blocks(void) {
  size_t blocks = between(1, 3), plane = between(1, 40);
  const size_t count = blocks * plane * zoo_block;
  bool bf16 = flip(), in_place = flip();
  zoo_operand a = operand_for(blocks, plane, bf16, in_place);
  zoo_operand b = operand_for(blocks, plane, bf16, flip());
  const void *before = a.numbers;
  zoo_binary_function function = (zoo_binary_function)between(0, zoo_binary_count - 1);
  zoo_range pixels = part_of(blocks * plane);
  EACH(count, bf16, 0, {
    if (in_place) a.numbers = memcpy(out, before, count * size_of(bf16));
    k->combine_blocks(out, &a, &b, plane, pixels, function, bf16);
  });
}

void try_blank_padding(void) {
  size_t channels = between(1, 50), plane = between(1, 40), blocks = zoo_blocks(channels);
  bool bf16 = flip();
  zoo_range pixels = part_of(blocks * plane);
  EACH(blocks * plane * zoo_block, bf16, 0, k->blank_padding(out, channels, plane, pixels, bf16));
}

void try_reduce_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 100);
  bool bf16 = flip();
  zoo_reduction_function function = (zoo_reduction_function)between(0, zoo_reduction_count - 1);
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  const bool extremum = function == zoo_largest || function == zoo_smallest;
  EACH(padded(channels), bf16, extremum ? 0 : sum_error(plane, 1),
       k->reduce_blocks(out, in, plane, blocks, function, bf16));
}

void try_resize_blocks(void) {
  zoo_resize r = resizing();
  size_t channels = between(1, 50);
  bool bf16 = flip();
  void *in = blocked(channels, r.height * r.width, bf16);
  zoo_range rows = part_of(r.out_height), blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * r.out_height * r.out_width, bf16, r.nearest ? 0 : 1e-6,
       WITH_SCRATCH(zoo_resize_scratch(&r),
                    k->resize_blocks(out, in, &r, rows, blocks, scratch, bf16)));
}

void try_to_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  float *in = numbers(channels * plane, false);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(padded(channels) * plane, bf16, 0, k->to_blocks(out, in, channels, plane, blocks, bf16));
}

void try_from_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 50);
  bool bf16 = flip();
  void *in = blocked(channels, plane, bf16);
  zoo_range blocks = part_of(zoo_blocks(channels));
  EACH(channels * plane, false, 0, k->from_blocks(out, in, channels, plane, blocks, bf16));
}

void try_place_blocks(void) {
  size_t channels = between(1, 50), plane = between(1, 40), first = between(0, 40);
  bool bf16 = flip();
  void *in = blocked(channels, plane, bf16);
  EACH(padded(first + channels) * plane, bf16, 0,
       k->place_blocks(out, in, first, channels, plane, bf16));
}
