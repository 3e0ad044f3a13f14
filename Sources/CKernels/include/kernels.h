#pragma once
// Compute kernels for the CPU: one function table, in a variant for each instruction set.

#include <stdbool.h>
#include <stddef.h>

#include "blocked.h"
#include "matrix.h"
#include "ops.h"
#include "transposed.h"
#include "window.h"

// Instruction sets, weakest first.
typedef enum {
  zoo_isa_scalar,    // plain loops: the oracle for all others
  zoo_isa_portable,  // vector types, whatever the compiler makes of them (NEON on arm64)
  zoo_isa_avx2,
  zoo_isa_avx512,
  zoo_isa_avx512bf16,  // with dot products of bfloat16 pairs
  zoo_isa_count
} zoo_isa;

typedef struct {
  zoo_isa isa;
  const char *name;
#define ZOO_KERNEL(name, parameters) void(*name) parameters;
#include "kernel_list.h"
#undef ZOO_KERNEL
  // Computes nothing: independent chains of multiply-adds in registers, zoo_chain_operations an
  // iteration, by which the machine's peak is measured.
  float (*multiply_add_chain)(size_t iterations);
} zoo_kernel_table;

enum { zoo_chain_operations = 12 * 16 * 2 };

// The name of the kernel at this place of the list, or null behind its end.
const char *zoo_kernel_name(size_t index);

// The variant for an instruction set, or null where this machine or build lacks it.
const zoo_kernel_table *zoo_kernels_for(zoo_isa isa);

// The variant with this name ("scalar", "portable", "avx2", "avx512"), or null.
const zoo_kernel_table *zoo_kernels_named(const char *name);

// The strongest variant that this machine runs.
const zoo_kernel_table *zoo_kernels_best(void);
