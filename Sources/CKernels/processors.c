#define _GNU_SOURCE
#include "pool.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The longest path looked at, and the longest line of /proc/self/cgroup.
enum { path_limit = 4096 };

static unsigned smaller_quota(unsigned a, unsigned b) { return a == 0 || (b && b < a) ? b : a; }

// Reads up to two numbers from a file; returns how many there were. "max" is not a number.
static int read_numbers(const char *path, long long numbers[2]) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  char text[64] = {0}, *rest = text;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  int count = 0;
  for (; count < 2; count++) {
    char *end;
    numbers[count] = strtoll(rest, &end, 10);
    if (end == rest) break;
    rest = end;
  }
  return count;
}

// The processors that the files in one group's folder allow, or 0.
static unsigned group_quota(const char *folder) {
  char path[path_limit + 32];
  long long numbers[2];
  snprintf(path, sizeof path, "%s/cpu.max", folder);
  if (read_numbers(path, numbers) != 2) {
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (read_numbers(path, numbers) < 1) return 0;
    long long quota = numbers[0];
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (read_numbers(path, numbers) < 1) return 0;
    numbers[1] = numbers[0];
    numbers[0] = quota;
  }
  if (numbers[0] <= 0 || numbers[1] <= 0) return 0;
  long long whole = (numbers[0] - 1) / numbers[1] + 1;
  return whole < zoo_max_threads ? (unsigned)whole : zoo_max_threads;
}

// The bound of a group and of all above it. Inside a container the mounted tree may begin at the
// container's own group while the path is the host's: folders that are not there bound nothing,
// and the walk ends at the tree's top, which is that group.
static unsigned quota_up_from(const char *mount, const char *group) {
  char folder[path_limit];
  int length = snprintf(folder, sizeof folder, "%s%s", mount, group);
  if (length < 0 || length >= path_limit) return group_quota(mount);
  size_t top = strlen(mount);
  unsigned quota = 0;
  for (;;) {
    quota = smaller_quota(quota, group_quota(folder));
    char *slash = strrchr(folder + top, '/');
    if (!slash) return quota;
    *slash = 0;
  }
}

static int names_cpu(char *controllers) {
  char *rest = NULL;
  for (char *name = strtok_r(controllers, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
    if (strcmp(name, "cpu") == 0) return 1;
  return 0;
}

unsigned zoo_quota_threads(const char *root) {
  char mount[path_limit], line[path_limit];
  snprintf(mount, sizeof mount, "%s/proc/self/cgroup", root);
  FILE *file = fopen(mount, "re");
  if (!file) return 0;
  unsigned quota = 0;
  // A line is "number:controllers:/path"; version 2's names no controllers.
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    controllers++;
    *group++ = 0;
    if (*controllers == 0) {
      snprintf(mount, sizeof mount, "%s/sys/fs/cgroup", root);
      quota = smaller_quota(quota, quota_up_from(mount, group));
      continue;
    }
    // The folder is called after all controllers mounted together, or by a link after this one.
    snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/%s", root, controllers);
    if (!names_cpu(controllers)) continue;
    if (access(mount, F_OK) != 0) snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/cpu", root);
    quota = smaller_quota(quota, quota_up_from(mount, group));
  }
  fclose(file);
  return quota;
}

unsigned zoo_available_threads(void) {
  long threads = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  // One set holds 1024 processors, and the kernel refuses a mask that cannot hold all it knows.
  cpu_set_t sets[16];
  if (sched_getaffinity(0, sizeof sets, sets) == 0) threads = CPU_COUNT_S(sizeof sets, sets);
  unsigned quota = zoo_quota_threads("");
  if (quota && quota < threads) threads = quota;
#endif
  return threads < 1 ? 1 : threads > zoo_max_threads ? zoo_max_threads : (unsigned)threads;
}
