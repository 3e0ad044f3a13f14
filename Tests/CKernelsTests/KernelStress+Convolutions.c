// Convolutions of images in blocks.

#include "KernelStress.h"

// Weights and bias of `groups` times c->outputs from c->window.channels each.
static void prepare(zoo_convolution *c, size_t points, size_t inputs,
                    void (*pack)(float *, const float *, const zoo_filter *, zoo_range)) {
  const zoo_window *w = &c->window;
  const zoo_filter filter = {c->outputs, w->channels, w->window_height, w->window_width};
  const zoo_range all = {0, zoo_blocks(c->outputs)};
  const size_t size = all.count * zoo_block * inputs * points;
  const size_t taps = w->window_height * w->window_width;
  const bool pairs = c->bf16 && !pack;
  char *weight = unset(c->groups * size * size_of(pairs));
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

static double convolution_error(const zoo_convolution *c) {
  const zoo_window *w = &c->window;
  return sum_error(w->channels * w->window_height * w->window_width, c->scale ? 2 : 1);
}

void try_convolve_pointwise(void) {
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
  if (flip()) {
    c.next_bytes = between(1, 5000);
    c.next = unset(c.next_bytes);
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

void try_convolve_direct(void) {
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

void try_convolve_planar(void) {
  zoo_convolution c = {.window = fitted(window(between(1, 5))), .groups = 1,
                       .outputs = between(1, 50), .bf16 = flip()};
  zoo_window *w = &c.window;
  prepare(&c, w->window_height * w->window_width, w->channels, zoo_pack_planar);
  void *in = numbers(w->channels * plane_of(w), false);
  void *residual = flip() ? blocked(c.outputs, out_plane(w), c.bf16) : NULL;
  zoo_range rows = part_of(w->out_height), blocks = part_of(zoo_blocks(c.outputs));
  EACH(padded(c.outputs) * out_plane(w), c.bf16, convolution_error(&c),
       WITH_SCRATCH(zoo_planar_scratch(&c, rows.count),
                    k->convolve_planar(&c, in, out, residual, rows, blocks, scratch)));
}

void try_convolve_depthwise(void) {
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

void try_convolve_winograd(void) {
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

void try_convolve_transposed(void) {
  const bool grouped = between(0, 3) == 0;
  zoo_convolution c = {.window = transposed_window(grouped ? 16 : between(1, 33)),
                       .groups = grouped ? 2 : 1,
                       .outputs = grouped ? 32 : between(1, 33),
                       .relu = flip(),
                       .bf16 = flip()};
  const zoo_window *w = &c.window;
  const zoo_filter filter = {c.outputs, w->channels, w->window_height, w->window_width};
  const zoo_range all = {0, zoo_blocks(c.outputs)};
  const size_t taps = w->window_height * w->window_width, results = c.groups * c.outputs;
  const size_t bytes = padded(c.outputs) * padded(w->channels) * taps * size_of(c.bf16);
  char *weight = unset(c.groups * bytes);
  for (size_t g = 0; g < c.groups; g++) {
    float *from = numbers(w->channels * c.outputs * taps, false);
    zoo_pack_transposed(weight + g * bytes, from, &filter, w, all, c.bf16);
  }
  c.weight = weight;
  c.bias = blocked(results, 1, false);
  void *in = blocked(c.groups * w->channels, plane_of(w), c.bf16);
  zoo_range steps = part_of((w->out_height + w->stride_y - 1) / w->stride_y);
  if (steps.count > 3) steps.count = 3;
  zoo_range blocks = part_of(zoo_blocks(results));
  EACH(padded(results) * out_plane(w), c.bf16, convolution_error(&c),
       WITH_SCRATCH(zoo_transposed_scratch(&c, steps.count),
                    k->convolve_transposed(&c, in, out, steps, blocks, scratch)));
}
