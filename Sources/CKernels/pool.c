#define _GNU_SOURCE
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

// Pauses that a waiting thread spins before it sleeps: a fraction of a millisecond. The layers of
// a network follow each other faster than that, and waking a sleeper costs tens of microseconds.
enum { spin_limit = 8000 };
enum { max_threads = 256 };

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static struct {
  pthread_mutex_t owner;  // held by the caller whose tasks are running
  pthread_mutex_t lock;   // guards sleeping
  pthread_cond_t wake;
  unsigned workers;  // threads started so far; changed under `owner`

  // The current job. `turn` counts jobs in its upper bits and holds the number of threads that
  // take part in its lower ones, so that a worker learns in one load whether it is meant.
  _Atomic uint64_t turn;
  zoo_task task;
  void *context;
  size_t tasks;
  _Atomic size_t next;
  _Atomic unsigned working;
  _Atomic unsigned sleepers;
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

static void work(unsigned worker) {
  size_t task;
  while ((task = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.tasks)
    pool.task(pool.context, task, worker);
}

static uint64_t wait_for_turn_after(uint64_t seen) {
  uint64_t turn;
  for (int spins = 0; spins < spin_limit; spins++) {
    if ((turn = atomic_load_explicit(&pool.turn, memory_order_acquire)) != seen) return turn;
    pause_briefly();
  }
  pthread_mutex_lock(&pool.lock);
  atomic_fetch_add(&pool.sleepers, 1);
  while ((turn = atomic_load(&pool.turn)) == seen) pthread_cond_wait(&pool.wake, &pool.lock);
  atomic_fetch_sub(&pool.sleepers, 1);
  pthread_mutex_unlock(&pool.lock);
  return turn;
}

static void *worker_main(void *argument) {
  unsigned worker = (unsigned)(uintptr_t)argument;
  uint64_t seen = 0;
  for (;;) {
    seen = wait_for_turn_after(seen);
    if (worker >= (seen & 0xffff)) continue;
    work(worker);
    atomic_fetch_sub_explicit(&pool.working, 1, memory_order_release);
  }
  return NULL;
}

// Starts missing workers; returns the threads there are, the caller included.
static unsigned started_threads(unsigned wanted) {
  while (pool.workers + 1 < wanted) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, worker_main,
                                (void *)(uintptr_t)(pool.workers + 1));
    pthread_attr_destroy(&attributes);
    if (failed) break;
    pool.workers++;
  }
  return pool.workers + 1 < wanted ? pool.workers + 1 : wanted;
}

void zoo_parallel(size_t tasks, unsigned threads, zoo_task task, void *context) {
  if (threads > max_threads) threads = max_threads;
  if (threads > tasks) threads = (unsigned)tasks;
  if (threads <= 1 || pthread_mutex_trylock(&pool.owner) != 0) {
    for (size_t i = 0; i < tasks; i++) task(context, i, 0);
    return;
  }
  threads = started_threads(threads);
  pool.task = task;
  pool.context = context;
  pool.tasks = tasks;
  atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
  atomic_store_explicit(&pool.working, threads - 1, memory_order_relaxed);
  uint64_t turn = (atomic_load(&pool.turn) >> 16) + 1;
  atomic_store(&pool.turn, turn << 16 | threads);
  if (atomic_load(&pool.sleepers) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
  }
  work(0);
  // A worker may have lost its processor to somebody else: give it ours instead of spinning on.
  for (int spins = 0; atomic_load_explicit(&pool.working, memory_order_acquire) > 0; spins++) {
    if (spins < spin_limit) pause_briefly();
    else sched_yield();
  }
  pthread_mutex_unlock(&pool.owner);
}

#if defined(__linux__)
// The whole processors that the control group's quota amounts to, or 0 where there is none.
static unsigned quota_threads(void) {
  long quota = 0, period = 0;
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (file) {
    if (fscanf(file, "%ld %ld", &quota, &period) != 2) quota = 0;
    fclose(file);
  }
  if (quota <= 0 || period <= 0) return 0;
  return (unsigned)((quota + period - 1) / period);
}
#endif

unsigned zoo_available_threads(void) {
  long threads = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) threads = CPU_COUNT(&set);
  unsigned quota = quota_threads();
  if (quota && quota < threads) threads = quota;
#endif
  return threads < 1 ? 1 : threads > max_threads ? max_threads : (unsigned)threads;
}
