// Every compute kernel, one entry each: ZOO_KERNEL(name, (parameters)).
//
// The function table, the variants for each instruction set and the tests all expand this list, so
// a kernel that is not listed does not exist and a listed one cannot go untested. No include guard:
// the list is meant to be expanded several times.
//
// Conventions: one image a call; planes are contiguous; no pointer overlaps another unless said.

// out[c][p] = in[c][p] * scale[c] + shift[c], then max(., 0) if relu. out may be in.
ZOO_KERNEL(channel_affine, (float *out, const float *in, const float *scale, const float *shift,
                            size_t channels, size_t plane, bool relu))

// c[r][x] += bias[r] (no bias if null), then max(., 0) if relu; rows are row_stride apart.
ZOO_KERNEL(add_bias, (float *c, const float *bias, size_t rows, size_t columns, size_t row_stride,
                      bool relu))

// out[i] = function(in[i]) over numbers in a row, whatever they are of. out may be in. Each result
// depends on its number alone, not on where in the row that stands.
ZOO_KERNEL(unary, (void *out, const void *in, size_t count, const zoo_unary *unary, bool bf16))

// out = function(a, b) over a grid of four axes, each operand advancing by its own step (0 where
// it is broadcast). out is contiguous and may be a or b where that one is contiguous too.
ZOO_KERNEL(binary, (float *out, const float *a, const float *b, const zoo_grid *grid,
                    zoo_binary_function function))

// out = condition != 0 ? first : second.
ZOO_KERNEL(select_rows, (float *out, const float *condition, const float *first,
                         const float *second, const zoo_selection *selection))

// out[r][c] = in[r][c], each advancing by its own steps.
ZOO_KERNEL(copy_rows, (float *out, const float *in, const zoo_rows *rows))

// Pools some rows of the result, for all channels. Padding never wins a maximum and counts as zero
// in an average.
ZOO_KERNEL(max_pool, (float *out, const float *in, const zoo_window *window, size_t first_row,
                      size_t rows))
ZOO_KERNEL(average_pool, (float *out, const float *in, const zoo_window *window, size_t first_row,
                          size_t rows))

// out = function over the elements along the reduced axes, the others as they are.
ZOO_KERNEL(reduce, (float *out, const float *in, const zoo_reduction *reduction))

// All rows of some channels.
ZOO_KERNEL(resize, (float *out, const float *in, const zoo_resize *resize, size_t channels))

// out[c] = mean of in[c][0..plane).
ZOO_KERNEL(plane_mean, (float *out, const float *in, size_t channels, size_t plane))

// Lays the windows of some rows of the result out as a matrix
// [channels * window_height * window_width][rows * out_width], zeros where a tap meets padding.
ZOO_KERNEL(im2col, (float *out, const float *in, const zoo_window *window, size_t first_row,
                    size_t rows))

// c[m][n] = sum over k of a[m][k] * b[k][n]; rows of each are lda, ldb, ldc apart.
ZOO_KERNEL(gemm, (float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                  size_t m, size_t n, size_t k))

// out[r][c] = sum over t of a[r][t] * b[t][c], added to what stands there if `adds`; the panels of b
// as zoo_pack_matrix makes them. Scratch: see zoo_matrix_scratch.
ZOO_KERNEL(multiply_matrices, (float *out, const float *a, const float *packed,
                               const zoo_matrix_product *product, void *scratch))

// out[o] = bias[o] + sum over i of weight[o][i] * in[i].
ZOO_KERNEL(linear, (float *out, const float *in, const float *weight, const float *bias,
                    size_t out_features, size_t in_features))

// Any transposed convolution, for some of the output channels of all groups: weights as they are in
// files, [input][output of the group][tap], and no bias if null.
ZOO_KERNEL(convolve_transposed_planar, (const zoo_convolution *convolution, const float *in,
                                        float *out, zoo_range outputs))

// Images in blocks of 16 channels, see blocked.h. Each call makes one rectangle of a result: some
// pixels, rows or tiles of some blocks. `residual`, of the result's shape, is added before max(.,
// 0); null for none. `scratch` is private to the call; blocked.h says how much each needs.

// A 1x1 window without padding, any stride, one group, with or without a prologue.
ZOO_KERNEL(convolve_pointwise, (const zoo_convolution *convolution, const void *in, void *out,
                                const void *residual, zoo_range pixels, zoo_range blocks,
                                void *scratch))

// Any window, without a prologue; groups of whole blocks.
ZOO_KERNEL(convolve_direct, (const zoo_convolution *convolution, const void *in, void *out,
                             const void *residual, zoo_range rows, zoo_range blocks,
                             void *scratch))

// Any window over an image that is not in blocks, [channel][row][column]: the first layer.
ZOO_KERNEL(convolve_planar, (const zoo_convolution *convolution, const float *in, void *out,
                             const void *residual, zoo_range rows, zoo_range blocks,
                             void *scratch))

// One input for every output. Weights are floats whatever the images are.
ZOO_KERNEL(convolve_depthwise, (const zoo_convolution *convolution, const void *in, void *out,
                                const void *residual, zoo_range rows, zoo_range blocks))

// A 3x3 window that moves by one pixel, any dilation, one group, by Winograd's F(4x4, 3x3), for
// some of the zoo_winograd_tiles. Weights are floats whatever the images are.
ZOO_KERNEL(convolve_winograd, (const zoo_convolution *convolution, const void *in, void *out,
                               const void *residual, zoo_range tiles, zoo_range blocks,
                               void *scratch))

// A transposed convolution, see transposed.h, for some steps of the result: each is as many rows as
// the stride has; groups of whole blocks.
ZOO_KERNEL(convolve_transposed, (const zoo_convolution *convolution, const void *in, void *out,
                                 zoo_range steps, zoo_range blocks, void *scratch))

// Padding never wins a maximum and counts as zero in an average.
ZOO_KERNEL(pool_blocks, (void *out, const void *in, const zoo_pooling *pooling, zoo_range rows,
                         zoo_range blocks, bool bf16))

// out[c] = mean of affine(in[c]).
ZOO_KERNEL(mean_blocks, (float *out, const void *in, const zoo_affine *affine, size_t channels,
                         size_t plane, zoo_range blocks, bool bf16))

// Mean, and sum of the squared differences from it, of each channel within some strips of an image:
// out[strip][0..16) and out[strip][16..32). The strips of a block follow each other, and the blocks'.
ZOO_KERNEL(moments_blocks, (float *out, const void *in, size_t plane, zoo_range strips, bool bf16))

// out may be in.
ZOO_KERNEL(affine_blocks, (void *out, const void *in, const zoo_affine *affine, size_t plane,
                           zoo_range blocks, bool bf16))

// out = function(a, b) for some of the pixels of all blocks. out may be a or b.
ZOO_KERNEL(combine_blocks, (void *out, const zoo_operand *a, const zoo_operand *b, size_t plane,
                            zoo_range pixels, zoo_binary_function function, bool bf16))

// Zeros for what fills up the last block, at some of the pixels of all blocks: functions make
// anything of it, and infinities or NaN would not stay where they are.
ZOO_KERNEL(blank_padding, (void *image, size_t channels, size_t plane, zoo_range pixels, bool bf16))

// out[c] = function over all pixels of in[c].
ZOO_KERNEL(reduce_blocks, (void *out, const void *in, size_t plane, zoo_range blocks,
                           zoo_reduction_function function, bool bf16))

// Scratch: see zoo_resize_scratch.
ZOO_KERNEL(resize_blocks, (void *out, const void *in, const zoo_resize *resize, zoo_range rows,
                           zoo_range blocks, void *scratch, bool bf16))

// Between [channel][pixel] and blocks; what fills up the last block becomes zero.
ZOO_KERNEL(to_blocks, (void *out, const float *in, size_t channels, size_t plane,
                       zoo_range blocks, bool bf16))
ZOO_KERNEL(from_blocks, (float *out, const void *in, size_t channels, size_t plane,
                         zoo_range blocks, bool bf16))

// out[first_channel + c] = in[c], and zeros up to the end of the last block: one part of a
// concatenation, when a part before it ends within a block. Parts are placed in their order.
ZOO_KERNEL(place_blocks, (void *out, const void *in, size_t first_channel, size_t channels,
                          size_t plane, bool bf16))
