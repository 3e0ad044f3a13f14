// Every way to take memory goes through here: the linker prefers these functions to the C
// library's, for shared libraries (libzip, the Swift runtime) too. glibc keeps its own under
// other names.
//
// Counted is what the heap gives out, untouched pages included, so a single vast request shows
// even if nobody writes to it; and anonymous mappings. A mapping of the input is the file's.

#define _GNU_SOURCE
#include "cfuzz.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static atomic_bool armed;
static atomic_llong live, peak;
static long long limit;
static int64_t started;
static struct cfuzz_usage most;

static void fail(const char *what, long long found, long long allowed) {
  atomic_store(&armed, 0);
  char line[160];
  int length = snprintf(line, sizeof line, "fuzz: %s: %lld, allowed %lld\n", what, found, allowed);
  if (length > 0 && write(2, line, (size_t)length) < 0) _exit(1);
  abort();
}

// Before the memory is there: a request that the system would refuse counts like any other.
static void ask(size_t count) {
  if (!atomic_load_explicit(&armed, memory_order_relaxed)) return;
  long long total = atomic_load_explicit(&live, memory_order_relaxed);
  // More than any machine has is no number to add to.
  long long more = count > (size_t)1 << 60 ? 1LL << 60 : (long long)count;
  if (total + more > limit) fail("bytes of memory in one run", total + more, limit);
}

static void add(long long count) {
  if (!atomic_load_explicit(&armed, memory_order_relaxed)) return;
  long long total = atomic_fetch_add(&live, count) + count;
  long long seen = atomic_load(&peak);
  while (total > seen && !atomic_compare_exchange_weak(&peak, &seen, total)) {}
}

static void *counted(void *block) {
  if (block) add((long long)malloc_usable_size(block));
  return block;
}

void *malloc(size_t size) {
  ask(size);
  return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  ask(bytes);
  return counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
  long long old = block ? (long long)malloc_usable_size(block) : 0;
  ask(size);
  void *grown = __libc_realloc(block, size);
  if (grown || size == 0) add(-old);
  return counted(grown);
}

void free(void *block) {
  if (block) add(-(long long)malloc_usable_size(block));
  __libc_free(block);
}

void *memalign(size_t alignment, size_t size) {
  ask(size);
  return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (!memory) return ENOMEM;
  *block = memory;
  return 0;
}

// Mappings of a run that are still there; more than any reader makes at once.
enum { slots = 4096 };
static struct { uintptr_t start; size_t length; } mappings[slots];
static atomic_flag busy = ATOMIC_FLAG_INIT;

void *mmap(void *place, size_t length, int protection, int flags, int file, off_t offset) {
  int anonymous = flags & MAP_ANONYMOUS;
  if (anonymous) ask(length);
  void *start = (void *)syscall(SYS_mmap, place, length, protection, flags, file, offset);
  if (!anonymous || start == MAP_FAILED || !atomic_load(&armed)) return start;
  add((long long)length);
  while (atomic_flag_test_and_set(&busy)) {}
  int slot = 0;
  while (slot < slots && mappings[slot].start) slot++;
  if (slot < slots) {
    mappings[slot].start = (uintptr_t)start;
    mappings[slot].length = length;
  }
  atomic_flag_clear(&busy);
  if (slot == slots) fail("mappings in one run", slot, slots);
  return start;
}

void *mmap64(void *place, size_t length, int protection, int flags, int file, off_t offset) {
  return mmap(place, length, protection, flags, file, offset);
}

int munmap(void *start, size_t length) {
  while (atomic_flag_test_and_set(&busy)) {}
  for (int slot = 0; slot < slots; slot++) {
    if (mappings[slot].start != (uintptr_t)start) continue;
    add(-(long long)mappings[slot].length);
    mappings[slot].start = 0;
    break;
  }
  atomic_flag_clear(&busy);
  return (int)syscall(SYS_munmap, start, length);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int cfuzz_memory_file(void) { return memfd_create("input", MFD_CLOEXEC); }

void cfuzz_begin(size_t bytes) {
  atomic_store(&live, 0);
  atomic_store(&peak, 0);
  limit = (long long)bytes;
  started = now();
  atomic_store(&armed, 1);
}

void cfuzz_end(int64_t nanoseconds) {
  atomic_store(&armed, 0);
  int64_t spent = now() - started;
  long long memory = atomic_load(&peak);
  double share = (double)memory / (double)limit;
  if (share > most.share) most.share = share;
  if (memory > most.memory) most.memory = memory;
  if (spent > most.nanoseconds) most.nanoseconds = spent;
  if (memory > limit) fail("bytes of memory in one run", memory, limit);
  if (spent > nanoseconds) fail("nanoseconds of processor time in one run", spent, nanoseconds);
}

struct cfuzz_usage cfuzz_most(void) { return most; }
void cfuzz_at_exit(void (*handler)(void)) { atexit(handler); }
