#define _GNU_SOURCE
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

// How a job runs. Its callers and helpers walk the layers themselves. One word, the ticket, holds
// which layer is being worked on and how many of its pieces nobody has taken: whoever lowers that
// count by an exchange has the piece, and as long as anybody holds one the job is alive. Whoever
// reports the last piece of a layer done issues the ticket of the next. So nobody ever waits for a
// thread that holds no piece, and one that slept through the end of its job finds a ticket out of
// its range and has touched nothing of the caller's.
//
// Who helps whom is decided under one lock, entered when a job opens or closes and when a helper
// comes or goes, not between layers.

enum {
  // Stretches that a layer's pieces are taken from, see `stretch`.
  max_stretches = 16,
  // Callers at the same time that can have helpers; those beyond run alone.
  max_jobs = 64,
  // Bytes that two processors never share by accident: a pair of lines, which are fetched together.
  line = 128,
  // How long a thread spins before it sleeps, in nanoseconds: between layers longer than a piece of
  // work takes, between jobs as long as a loop of inferences pauses. Who has spun for long enough
  // to suspect that another thread lost its processor offers it this one.
  layer_spin = 300000,
  job_spin = 200000,
  spin_before_yield = 5000,
  // Pauses between two looks at the clock.
  pauses_a_look = 32,
  // Layers that a caller goes on alone before it wakes helpers that a finished job left over:
  // callers in a loop are back before, and would only have to send them away again.
  layers_before_waking = 2,
};

// A ticket: number of the layer since the process started, then pieces not taken.
enum { piece_bits = 24 };
static const uint64_t max_pieces = (1u << piece_bits) - 1;
static inline uint64_t layer_number(uint64_t ticket) { return ticket >> piece_bits; }
static inline uint64_t pieces_left(uint64_t ticket) { return ticket & max_pieces; }

// What zoo_run was called with.
typedef struct {
  const size_t *tasks;
  size_t layers;
  unsigned stretches;
  zoo_task task;
  void *context;
} call;

// A layer's pieces lie in as many stretches as there are threads. A thread takes from its own until
// that is used up and from the others then, so that it finds in its cache what it left there a
// layer before, and yet nobody idles while there is work.
typedef struct {
  alignas(line) _Atomic uint64_t next;
} stretch;

typedef struct {
  alignas(line) _Atomic uint64_t ticket;
  alignas(line) _Atomic uint64_t pieces_done;
  stretch stretches[max_stretches];
  // Read at every piece, seldom written.
  alignas(line) _Atomic bool has_too_many;
  _Atomic unsigned sleepers;
  // The rest is guarded by the pool's lock.
  alignas(line) bool open;
  bool seated[zoo_max_threads];
  call call;
  uint64_t first_layer;
  unsigned threads, helpers, helpers_due;
  pthread_cond_t changed;  // the layer, or has_too_many
} job;

// A thread's share in a job: everything it may look at without holding a piece.
typedef struct {
  job *job;
  call call;
  uint64_t first_layer;
  unsigned worker;
  bool helps;
} share;

static struct {
  pthread_mutex_t lock;
  pthread_cond_t wake;
  unsigned available, workers, callers;
  unsigned spinners, sleepers;  // among the workers without a job
  unsigned jobs_used;  // no job behind these was ever open
  job jobs[max_jobs];
  // Helpers that jobs are short of, and whether callers and helpers due are all there may be.
  alignas(line) _Atomic unsigned vacancies;
  _Atomic bool crowded;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

// Whether this thread is inside a task, whose calls run where they are.
static _Thread_local bool inside;

// Spinning

typedef struct {
  unsigned pauses;
  uint64_t start;
} patience;

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Pauses for an instant; false when that has gone on for `limit` nanoseconds.
static inline bool spin(patience *patience, uint64_t limit) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
  if (++patience->pauses % pauses_a_look) return true;
  uint64_t now = nanoseconds();
  if (patience->start == 0) patience->start = now;
  uint64_t spun = now - patience->start;
  if (spun > spin_before_yield) sched_yield();
  return spun < limit;
}

// Walking the layers

typedef struct {
  uint64_t count, tasks;  // pieces, and tasks in each but perhaps the last
} pieces;

// A piece is one task, but where a layer has more tasks than a ticket can count.
static inline pieces cut(size_t tasks) {
  if (tasks <= max_pieces) return (pieces){tasks, 1};
  uint64_t size = (tasks - 1) / max_pieces + 1;
  return (pieces){(tasks - 1) / size + 1, size};
}

static inline uint64_t stretch_start(const call *call, uint64_t count, unsigned stretch) {
  return count * stretch / call->stretches;
}

// Issues the ticket of the first layer from here on that has a task, or the one that ends the job.
// After that the call may be over: nothing of it may be touched.
static void issue(job *job, const call *call, uint64_t first_layer, size_t layer) {
  while (layer < call->layers && call->tasks[layer] == 0) layer++;
  uint64_t count = layer < call->layers ? cut(call->tasks[layer]).count : 0;
  atomic_store_explicit(&job->pieces_done, 0, memory_order_relaxed);
  for (unsigned s = 0; s < call->stretches; s++)
    atomic_store_explicit(&job->stretches[s].next, stretch_start(call, count, s),
                          memory_order_relaxed);
  atomic_store(&job->ticket, (first_layer + layer) << piece_bits | count);
}

static void wake_for_layer(job *job) {
  if (atomic_load(&job->sleepers) == 0) return;
  pthread_mutex_lock(&pool.lock);
  pthread_cond_broadcast(&job->changed);
  pthread_mutex_unlock(&pool.lock);
}

// Which piece a thread is to do that may do one: there is one for everybody who may.
static uint64_t choose(const share *share, uint64_t count) {
  const call *call = &share->call;
  for (unsigned s = share->worker % call->stretches;; s = (s + 1) % call->stretches) {
    _Atomic uint64_t *next = &share->job->stretches[s].next;
    uint64_t end = stretch_start(call, count, s + 1);
    uint64_t piece = atomic_load_explicit(next, memory_order_relaxed);
    while (piece < end)
      if (atomic_compare_exchange_weak_explicit(next, &piece, piece + 1, memory_order_relaxed,
                                                memory_order_relaxed))
        return piece;
  }
}

static void run_piece(const share *share, size_t layer) {
  size_t tasks = share->call.tasks[layer];
  pieces all = cut(tasks);
  size_t start = (size_t)(choose(share, all.count) * all.tasks);
  size_t end = tasks - start < all.tasks ? tasks : start + (size_t)all.tasks;
  for (size_t task = start; task < end; task++)
    share->call.task(share->call.context, layer, task, share->worker);
  uint64_t done = 1 + atomic_fetch_add_explicit(&share->job->pieces_done, 1, memory_order_acq_rel);
  if (done < all.count) return;
  issue(share->job, &share->call, share->first_layer, layer + 1);
  wake_for_layer(share->job);
}

static inline bool dismissed(const share *share) {
  return share->helps &&
         atomic_load_explicit(&share->job->has_too_many, memory_order_relaxed);
}

// Waits until the layer is no longer that of the ticket, or this helper is to leave.
static void await_layer(const share *share, uint64_t seen) {
  job *job = share->job;
  patience patience = {0};
  do {
    uint64_t ticket = atomic_load_explicit(&job->ticket, memory_order_relaxed);
    if (layer_number(ticket) != layer_number(seen) || dismissed(share)) return;
  } while (spin(&patience, layer_spin));
  pthread_mutex_lock(&pool.lock);
  atomic_fetch_add(&job->sleepers, 1);
  while (layer_number(atomic_load(&job->ticket)) == layer_number(seen) && !dismissed(share))
    pthread_cond_wait(&job->changed, &pool.lock);
  atomic_fetch_sub(&job->sleepers, 1);
  pthread_mutex_unlock(&pool.lock);
}

static void wake_workers(void);

// Takes pieces until the job is over, or has more helpers than it is due.
static void take_part(const share *share) {
  uint64_t seen = UINT64_MAX;
  unsigned layers_alone = 0;
  for (;;) {
    uint64_t ticket = atomic_load_explicit(&share->job->ticket, memory_order_acquire);
    // Numbers wrap around; that of a later job is out of range too.
    uint64_t layer = (layer_number(ticket) - share->first_layer) & (UINT64_MAX >> piece_bits);
    if (layer >= share->call.layers || dismissed(share)) return;
    if (layer != seen && !share->helps) {
      bool alone = atomic_load_explicit(&pool.vacancies, memory_order_relaxed) > 0;
      layers_alone = alone ? layers_alone + 1 : 0;
      if (layers_alone == layers_before_waking) {
        wake_workers();
        layers_alone = 0;
      }
    }
    seen = layer;
    if (pieces_left(ticket) == 0)
      await_layer(share, ticket);
    else if (atomic_compare_exchange_weak_explicit(&share->job->ticket, &ticket, ticket - 1,
                                                   memory_order_acquire, memory_order_relaxed))
      run_piece(share, (size_t)layer);
  }
}

// Who helps whom: these run under the lock

static job *next_open(job *job) {
  job = job ? job + 1 : pool.jobs;
  while (job < pool.jobs + pool.jobs_used && !job->open) job++;
  return job < pool.jobs + pool.jobs_used ? job : NULL;
}

// Shares the processors out among the jobs, evenly, and tells jobs and workers.
static void share_out(void) {
  unsigned budget = pool.available;
  for (job *job = next_open(NULL); job; job = next_open(job)) {
    job->helpers_due = 0;
    if (job->threads > budget) budget = job->threads;
  }
  unsigned spare = budget > pool.callers ? budget - pool.callers : 0;
  for (bool given = true; given && spare > 0;) {
    given = false;
    for (job *job = next_open(NULL); job && spare > 0; job = next_open(job)) {
      if (job->helpers_due + 1 >= job->threads) continue;
      job->helpers_due++;
      spare--;
      given = true;
    }
  }
  unsigned vacancies = 0;
  for (job *job = next_open(NULL); job; job = next_open(job)) {
    if (job->helpers < job->helpers_due) vacancies += job->helpers_due - job->helpers;
    bool has_too_many = job->helpers > job->helpers_due;
    if (has_too_many == atomic_load(&job->has_too_many)) continue;
    atomic_store(&job->has_too_many, has_too_many);
    if (has_too_many) pthread_cond_broadcast(&job->changed);
  }
  atomic_store(&pool.vacancies, vacancies);
  atomic_store(&pool.crowded, spare == 0);
}

// Wakes as many workers as are missing and not about to notice by themselves.
static void wake_for_vacancies(void) {
  unsigned vacancies = atomic_load(&pool.vacancies);
  if (vacancies <= pool.spinners) return;
  unsigned missing = vacancies - pool.spinners;
  if (missing >= pool.sleepers) {
    if (pool.sleepers > 0) pthread_cond_broadcast(&pool.wake);
    return;
  }
  for (; missing > 0; missing--) pthread_cond_signal(&pool.wake);
}

static void wake_workers(void) {
  pthread_mutex_lock(&pool.lock);
  wake_for_vacancies();
  pthread_mutex_unlock(&pool.lock);
}

// Takes a place in a job that is short of helpers.
static bool join(share *share) {
  job *job = next_open(NULL);
  while (job && job->helpers >= job->helpers_due) job = next_open(job);
  if (!job) return false;
  // Helpers are fewer than threads - 1, so there is a free seat behind the caller's.
  unsigned worker = 1;
  while (job->seated[worker]) worker++;
  job->seated[worker] = true;
  job->helpers++;
  share_out();
  share->job = job;
  share->call = job->call;
  share->first_layer = job->first_layer;
  share->worker = worker;
  share->helps = true;
  return true;
}

static void leave(const share *share) {
  job *job = share->job;
  if (!job->open || job->first_layer != share->first_layer) return;
  job->seated[share->worker] = false;
  job->helpers--;
  share_out();
}

// Waits for a job that is short of helpers, first awake and then asleep.
static void await_vacancy(void) {
  pool.spinners++;
  pthread_mutex_unlock(&pool.lock);
  patience patience = {0};
  while (atomic_load_explicit(&pool.vacancies, memory_order_relaxed) == 0 &&
         !atomic_load_explicit(&pool.crowded, memory_order_relaxed) &&
         spin(&patience, job_spin)) {
  }
  pthread_mutex_lock(&pool.lock);
  pool.spinners--;
  pool.sleepers++;
  while (atomic_load(&pool.vacancies) == 0) pthread_cond_wait(&pool.wake, &pool.lock);
  pool.sleepers--;
}

static void *worker_main(void *argument) {
  (void)argument;
  inside = true;
  pthread_mutex_lock(&pool.lock);
  for (;;) {
    share share;
    if (!join(&share)) {
      await_vacancy();
      continue;
    }
    pthread_mutex_unlock(&pool.lock);
    take_part(&share);
    pthread_mutex_lock(&pool.lock);
    leave(&share);
  }
  return NULL;
}

// Starts the workers that the jobs are due; where the system refuses, there are fewer.
static void start_workers(void) {
  unsigned due = 0;
  for (job *job = next_open(NULL); job; job = next_open(job)) due += job->helpers_due;
  if (pool.workers >= due) return;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Workers inherit the mask: signals are for the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  while (pool.workers < due && pthread_create(&thread, &attributes, worker_main, NULL) == 0)
    pool.workers++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}

// Opens a job without a ticket as yet, or returns null where all are taken.
static job *open_job(const call *call, unsigned threads) {
  job *job = pool.jobs;
  while (job < pool.jobs + max_jobs && job->open) job++;
  if (job == pool.jobs + max_jobs) return NULL;
  if (job == pool.jobs + pool.jobs_used) pool.jobs_used++;
  job->open = true;
  memset(job->seated, 0, sizeof job->seated);
  job->call = *call;
  job->first_layer = layer_number(atomic_load(&job->ticket));
  job->threads = threads;
  job->helpers = 0;
  return job;
}

// Once a process, and once more in a forked child, which has no workers

static void reset(void) {
  pthread_mutex_init(&pool.lock, NULL);
  pthread_cond_init(&pool.wake, NULL);
  pool.workers = pool.callers = pool.spinners = pool.sleepers = 0;
  for (job *job = pool.jobs; job < pool.jobs + max_jobs; job++) {
    pthread_cond_init(&job->changed, NULL);
    job->open = false;
    atomic_store(&job->sleepers, 0);
  }
  share_out();
}

static void lock_before_fork(void) { pthread_mutex_lock(&pool.lock); }
static void unlock_in_parent(void) { pthread_mutex_unlock(&pool.lock); }

static void prepare(void) {
  pool.available = zoo_available_threads();
  reset();
  pthread_atfork(lock_before_fork, unlock_in_parent, reset);
}

// Running

static void run_alone(const call *call) {
  for (size_t layer = 0; layer < call->layers; layer++)
    for (size_t task = 0; task < call->tasks[layer]; task++)
      call->task(call->context, layer, task, 0);
}

void zoo_run(const size_t *tasks, size_t layers, unsigned threads, zoo_task task, void *context) {
  unsigned stretches = threads < max_stretches ? threads : max_stretches;
  call call = {tasks, layers, stretches ? stretches : 1, task, context};
  size_t most = 0;
  for (size_t layer = 0; layer < layers; layer++)
    if (tasks[layer] > most) most = tasks[layer];
  if (most == 0) return;
  if (inside) {
    run_alone(&call);
    return;
  }
  if (threads > zoo_max_threads) threads = zoo_max_threads;
  if (threads > most) threads = (unsigned)most;
  if (threads < 1) threads = 1;

  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, prepare);
  inside = true;
  pthread_mutex_lock(&pool.lock);
  pool.callers++;
  share share = {.job = open_job(&call, threads), .call = call};
  if (share.job) share.first_layer = share.job->first_layer;
  share_out();
  start_workers();
  if (share.job) issue(share.job, &call, share.first_layer, 0);
  wake_for_vacancies();
  pthread_mutex_unlock(&pool.lock);

  if (share.job) take_part(&share);
  else run_alone(&call);

  pthread_mutex_lock(&pool.lock);
  pool.callers--;
  if (share.job) share.job->open = false;
  share_out();
  pthread_mutex_unlock(&pool.lock);
  inside = false;
}
