// Stress of the thread pool, to be built with a sanitizer: tools/sanitize does.
//
// pool.c is compiled with pthread_create renamed to stress_pthread_create and without
// processors.c, so that this file decides how many threads there may be. Tasks count themselves in
// plain memory: a task that ran twice, two tasks with one worker, or a layer begun too early is a
// wrong count, and a race that the thread sanitizer reports.

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool.h"

static unsigned processors = 4;
unsigned zoo_available_threads(void) { return processors; }

static _Atomic int creations_allowed = INT32_MAX;
int stress_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument) {
  if (atomic_fetch_sub(&creations_allowed, 1) <= 0) return 11;  // EAGAIN
  return pthread_create(thread, attributes, body, argument);
}

#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);         \
      abort();                                                                        \
    }                                                                                 \
  } while (0)

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void spin_microseconds(unsigned count) {
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000 < count);
}

// Random jobs

enum { most_layers = 40, most_tasks = 70 };

typedef struct {
  size_t layers, tasks[most_layers];
  unsigned threads;
  bool nests, pauses;
  unsigned runs[most_layers][most_tasks];
  unsigned runs_of_worker[zoo_max_threads];
  _Atomic bool busy[zoo_max_threads];
} random_job;

static void count_nested(void *context, size_t layer, size_t task, unsigned worker) {
  CHECK(worker == 0);
  ((unsigned *)context)[layer * 3 + task]++;
}

static void random_task(void *context, size_t layer, size_t task, unsigned worker) {
  random_job *job = context;
  CHECK(layer < job->layers && task < job->tasks[layer] && worker < job->threads);
  CHECK(!atomic_exchange(&job->busy[worker], true));
  for (size_t before = 0; before < layer; before++)
    for (size_t i = 0; i < job->tasks[before]; i++) CHECK(job->runs[before][i] == 1);
  uint64_t state = (layer * most_tasks + task) * 0x9e3779b97f4a7c15u + 1;
  uint64_t dice = next_random(&state) >> 20;
  if (job->pauses && dice % 16 == 0) usleep(300);
  else if (dice % 8 == 1) sched_yield();
  else spin_microseconds(dice % 4);
  if (job->nests && dice % 5 == 0) {
    unsigned nested[6] = {0};
    zoo_run((size_t[]){3, 3}, 2, 4, count_nested, nested);
    for (int i = 0; i < 6; i++) CHECK(nested[i] == 1);
  }
  job->runs[layer][task]++;
  job->runs_of_worker[worker]++;
  atomic_store(&job->busy[worker], false);
}

typedef struct {
  uint64_t seed;
  unsigned rounds;
} caller;

static void *call_random_jobs(void *argument) {
  caller *caller = argument;
  uint64_t state = caller->seed;
  random_job *job = malloc(sizeof *job);
  CHECK(job);
  for (unsigned round = 0; round < caller->rounds; round++) {
    memset(job, 0, sizeof *job);
    job->layers = next_random(&state) % (most_layers + 1);
    job->threads = 1 + next_random(&state) % 8;
    job->nests = next_random(&state) % 4 == 0;
    job->pauses = next_random(&state) % 8 == 0;
    size_t total = 0, most = 1 + next_random(&state) % most_tasks;
    for (size_t layer = 0; layer < job->layers; layer++)
      if (next_random(&state) % 5) total += job->tasks[layer] = next_random(&state) % (most + 1);
    zoo_run(job->tasks, job->layers, job->threads, random_task, job);
    size_t ran = 0, ran_by_workers = 0;
    for (size_t layer = 0; layer < job->layers; layer++)
      for (size_t task = 0; task < job->tasks[layer]; task++, ran++)
        CHECK(job->runs[layer][task] == 1);
    for (size_t worker = 0; worker < zoo_max_threads; worker++)
      ran_by_workers += job->runs_of_worker[worker];
    CHECK(ran == total && ran_by_workers == total);
    if (next_random(&state) % 8 == 0) usleep(next_random(&state) % 600);
  }
  free(job);
  return NULL;
}

static void run_callers(unsigned callers, unsigned rounds, uint64_t seed) {
  pthread_t threads[128];
  caller arguments[128];
  CHECK(callers <= 128);
  for (unsigned i = 0; i < callers; i++) {
    arguments[i] = (caller){seed + i * 977 + 1, rounds};
    CHECK(pthread_create(&threads[i], NULL, call_random_jobs, &arguments[i]) == 0);
  }
  for (unsigned i = 0; i < callers; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

// One layer with more tasks than a ticket counts

static void count_task(void *context, size_t layer, size_t task, unsigned worker) {
  (void)layer, (void)worker;
  ((unsigned char *)context)[task]++;
}

static void run_huge_layer(void) {
  size_t tasks = ((size_t)1 << 25) + 12345;
  unsigned char *runs = calloc(tasks, 1);
  CHECK(runs);
  zoo_run(&tasks, 1, 3, count_task, runs);
  for (size_t task = 0; task < tasks; task++) CHECK(runs[task] == 1);
  free(runs);
}

// Callers and helpers keep to two processors

typedef struct {
  _Atomic bool over;  // the long job's layers are empty from now on
  _Atomic unsigned helped;
} long_job;

static void long_task(void *context, size_t layer, size_t task, unsigned worker) {
  (void)layer, (void)task;
  long_job *job = context;
  if (atomic_load(&job->over)) return;
  if (worker > 0) atomic_fetch_add(&job->helped, 1);
  spin_microseconds(20);
}

static void *call_long_job(void *job) {
  static size_t tasks[1 << 20];
  for (size_t layer = 0; layer < 1 << 20; layer++) tasks[layer] = 4;
  zoo_run(tasks, 1 << 20, 2, long_task, job);
  return NULL;
}

static void await_help(long_job *job) {
  unsigned before = atomic_load(&job->helped);
  for (int wait = 0; atomic_load(&job->helped) < before + 5; wait++) {
    CHECK(wait < 20000);
    usleep(1000);
  }
}

typedef struct {
  long_job *other;
  bool begun;
  unsigned others_help_before, others_help;
} short_job;

static void short_task(void *context, size_t layer, size_t task, unsigned worker) {
  (void)layer, (void)task;
  CHECK(worker == 0);
  short_job *job = context;
  if (!job->begun) job->others_help_before = atomic_load(&job->other->helped);
  job->begun = true;
  spin_microseconds(20);
  job->others_help = atomic_load(&job->other->helped) - job->others_help_before;
}

static void run_crowd(void) {
  long_job job = {0};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, call_long_job, &job) == 0);
  for (int round = 0; round < 30; round++) {
    await_help(&job);
    short_job arriving = {.other = &job};
    size_t tasks[40];
    for (int layer = 0; layer < 40; layer++) tasks[layer] = 8;
    zoo_run(tasks, 40, 2, short_task, &arriving);
    // The helper may be about to begin a task when a caller comes, but no second one.
    CHECK(arriving.others_help <= 1);
  }
  await_help(&job);
  atomic_store(&job.over, true);
  CHECK(pthread_join(thread, NULL) == 0);
}

// Refused threads, forks

static void run_refused(void) {
  atomic_store(&creations_allowed, 2);
  call_random_jobs(&(caller){12, 200});
  atomic_store(&creations_allowed, INT32_MAX);
  call_random_jobs(&(caller){13, 200});
}

static void run_forks(unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      run_callers(3, 20, i + 1);
      _exit(0);
    }
    run_callers(2, 5, i + 1);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

static void run_random(void) {
  zoo_run(NULL, 0, 4, random_task, NULL);
  run_refused();
  run_huge_layer();
  call_random_jobs(&(caller){1, 1500});
  for (unsigned callers = 2; callers <= 9; callers++) run_callers(callers, 150, callers);
  run_callers(100, 10, 100);  // more callers than jobs
}

int main(int count, char **arguments) {
  const char *part = count > 1 ? arguments[1] : "";
  if (strcmp(part, "random") == 0) {
    run_random();
  } else if (strcmp(part, "crowd") == 0) {
    processors = 2;
    run_crowd();
  } else if (strcmp(part, "forks") == 0) {
    run_forks(20);
  } else {
    fprintf(stderr, "usage: %s random|crowd|forks\n", arguments[0]);
    return 64;
  }
  return 0;
}
