#pragma once
// The worker threads that all sessions of a process share.

#include <stddef.h>

// Called for every task once; worker is below the number of threads asked for, and no two tasks
// run with the same worker at the same time.
typedef void (*zoo_task)(void *context, size_t task, unsigned worker);

// How many threads this process may keep busy: processors in its affinity mask, bounded by the
// container's CPU quota where there is one. At least 1.
unsigned zoo_available_threads(void);

// Runs tasks 0..<tasks on up to `threads` threads, the caller included, and returns when all are
// done. Which thread runs a task is not fixed, so a task must not depend on it. If another caller
// is using the workers, the caller runs all tasks itself.
void zoo_parallel(size_t tasks, unsigned threads, zoo_task task, void *context);
