// What the fuzzer needs from C: libFuzzer's two entry points, a file in memory, zlib, and a meter
// of the memory and the time that one run takes.
#ifndef CFUZZ_H
#define CFUZZ_H

#include <stddef.h>
#include <stdint.h>

// libFuzzer (llvm/docs/LibFuzzer): runs `callback` on one input after another, and ends the
// process.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *, size_t));
// libFuzzer's own mutations, for mutators that work on a part of the input.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);

// What an entry of a zip archive holds: deflated bytes without zlib's frame, and their CRC-32.
// Both return how many bytes they wrote, 0 where there is no room or the input is broken.
size_t cfuzz_deflate(const uint8_t *input, size_t count, uint8_t *output, size_t room);
size_t cfuzz_inflate(const uint8_t *input, size_t count, uint8_t *output, size_t room);
uint32_t cfuzz_checksum(const uint8_t *input, size_t count);

// A file that is only in memory; -1 where the system has none.
int cfuzz_memory_file(void);

// From now on memory that is taken beyond `limit` bytes ends the process with SIGABRT, which
// libFuzzer takes for a crash: it saves the input.
void cfuzz_begin(size_t limit);
// The end of one run: ends the process likewise if the run took more than `nanoseconds` of
// processor time.
void cfuzz_end(int64_t nanoseconds);

// The most that any run took: memory beyond what the process had before, in bytes and as a share
// of the run's limit, and processor time.
struct cfuzz_usage {
  int64_t memory;
  double share;
  int64_t nanoseconds;
};
struct cfuzz_usage cfuzz_most(void);

// libFuzzer ends the process with exit(): called before it does.
void cfuzz_at_exit(void (*handler)(void));

#endif
