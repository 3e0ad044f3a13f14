#include "kernels.h"

#include <string.h>

extern const zoo_kernel_table zoo_table_scalar, zoo_table_portable;
#if defined(__x86_64__)
extern const zoo_kernel_table zoo_table_avx2, zoo_table_avx512, zoo_table_avx512bf16;
#endif

const char *zoo_kernel_name(size_t index) {
  static const char *const names[] = {
#define ZOO_KERNEL(name, parameters) #name,
#include "kernel_list.h"
#undef ZOO_KERNEL
  };
  return index < sizeof names / sizeof *names ? names[index] : NULL;
}

#if defined(__x86_64__)
static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

const zoo_kernel_table *zoo_kernels_for(zoo_isa isa) {
  switch (isa) {
  case zoo_isa_scalar: return &zoo_table_scalar;
  case zoo_isa_portable: return &zoo_table_portable;
#if defined(__x86_64__)
  case zoo_isa_avx2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &zoo_table_avx2 : NULL;
  case zoo_isa_avx512: return has_avx512() ? &zoo_table_avx512 : NULL;
  case zoo_isa_avx512bf16:
    return has_avx512() && __builtin_cpu_supports("avx512bf16") ? &zoo_table_avx512bf16 : NULL;
#endif
  default: return NULL;
  }
}

const zoo_kernel_table *zoo_kernels_named(const char *name) {
  for (int isa = 0; isa < zoo_isa_count; isa++) {
    const zoo_kernel_table *table = zoo_kernels_for((zoo_isa)isa);
    if (table && strcmp(table->name, name) == 0) return table;
  }
  return NULL;
}

const zoo_kernel_table *zoo_kernels_best(void) {
  for (int isa = zoo_isa_count - 1;; isa--) {
    const zoo_kernel_table *table = zoo_kernels_for((zoo_isa)isa);
    if (table) return table;
  }
}
