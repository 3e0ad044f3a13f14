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

  // The current job, in one word that workers read and join by a single exchange: its number in
  // the upper half, then whether it is still open, how many threads may take part, and how many
  // workers do. A worker that wakes late finds the job closed and nobody waits for it.
  _Atomic uint64_t state;
  zoo_task task;
  void *context;
  size_t tasks;
  _Atomic size_t next;
  _Atomic unsigned sleepers;
} pool = {.owner = PTHREAD_MUTEX_INITIALIZER,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

static const uint64_t open_flag = 1u << 31;
static inline uint64_t job_number(uint64_t state) { return state >> 32; }
static inline unsigned thread_limit(uint64_t state) { return state >> 16 & 0x7fff; }
static inline unsigned active_workers(uint64_t state) { return state & 0xffff; }

static void work(unsigned worker) {
  size_t task;
  while ((task = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.tasks)
    pool.task(pool.context, task, worker);
}

static uint64_t state_after_job(uint64_t seen) {
  uint64_t state;
  for (int spins = 0; spins < spin_limit; spins++) {
    state = atomic_load_explicit(&pool.state, memory_order_acquire);
    if (job_number(state) != seen) return state;
    pause_briefly();
  }
  pthread_mutex_lock(&pool.lock);
  atomic_fetch_add(&pool.sleepers, 1);
  while (job_number(state = atomic_load(&pool.state)) == seen)
    pthread_cond_wait(&pool.wake, &pool.lock);
  atomic_fetch_sub(&pool.sleepers, 1);
  pthread_mutex_unlock(&pool.lock);
  return state;
}

static void *worker_main(void *argument) {
  unsigned worker = (unsigned)(uintptr_t)argument;
  uint64_t seen = 0;
  for (;;) {
    uint64_t state = state_after_job(seen);
    seen = job_number(state);
    while (job_number(state) == seen && state & open_flag && worker < thread_limit(state))
      if (atomic_compare_exchange_weak(&pool.state, &state, state + 1)) {
        work(worker);
        atomic_fetch_sub_explicit(&pool.state, 1, memory_order_release);
        break;
      }
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
  uint64_t number = (job_number(atomic_load(&pool.state)) + 1) & 0xffffffff;
  atomic_store(&pool.state, number << 32 | open_flag | (uint64_t)threads << 16);
  if (atomic_load(&pool.sleepers) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
  }
  work(0);
  // All tasks are taken: whoever has not joined by now need not come.
  atomic_fetch_and(&pool.state, ~open_flag);
  // A worker may have lost its processor to somebody else: give it ours instead of spinning on.
  for (int spins = 0;
       active_workers(atomic_load_explicit(&pool.state, memory_order_acquire)) > 0; spins++) {
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
