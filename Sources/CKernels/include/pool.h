#pragma once
// The worker threads that all sessions of a process share.

#include <stddef.h>

// More threads than this are never used, whatever is asked for.
enum { zoo_max_threads = 256 };

// One task of one layer. worker is below the number of threads asked for, and no two tasks run
// with the same worker of the same job at the same time.
typedef void (*zoo_task)(void *context, size_t layer, size_t task, unsigned worker);

// Runs layers 0..<layers one after the other, each of tasks[layer] independent tasks (none is
// allowed), on up to `threads` threads, the caller included, and returns when all are done. What a
// layer wrote is visible to the next, and all of it to the caller. Which thread runs a task is not
// fixed, so its result must not depend on that.
//
// Callers at the same time share the processors: there are helpers only as far as callers and
// helpers together do not exceed zoo_available_threads(), or the threads asked for where that is
// more. A call from inside a task runs on that task's thread alone.
//
// After a fork the child starts its own workers, unless it was forked from inside a task: such a
// child must not return from the task.
void zoo_run(const size_t *tasks, size_t layers, unsigned threads, zoo_task task, void *context);

// How many threads this process may keep busy, from 1 to zoo_max_threads: the processors in its
// affinity mask, bounded by the quota of its control groups where there is one.
unsigned zoo_available_threads(void);

// The whole processors that the process's control groups (version 1 and 2, its own and all above
// it) allow, a fraction rounded up, or 0 where they set no bound. `root` stands for "/": below it
// lie proc/self/cgroup and sys/fs/cgroup.
unsigned zoo_quota_threads(const char *root);
