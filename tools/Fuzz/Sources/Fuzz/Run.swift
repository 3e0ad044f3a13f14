import CFuzz
import Foundation

/// Bytes of memory that any reader may take for each byte of the file.
private let memoryPerByte = 4
/// Bytes that it may take besides.
private let memoryFloor = 64 << 20
/// Processor time that it may take, in nanoseconds.
private let timeLimit: Int64 = 1_000_000_000

// libFuzzer's functions take no context; both are set once, before it starts.
nonisolated(unsafe) private var current: any FuzzTarget = PickleTarget()
nonisolated(unsafe) private var inputFile = InputFile()
/// Inputs that were read without an error.
nonisolated(unsafe) private var accepted = 0
nonisolated(unsafe) private var runs = 0

/// Fuzzes until libFuzzer's options say that it is enough, or until it finds something.
func run(_ target: any FuzzTarget, options: [String]) -> Never {
  current = target
  cfuzz_at_exit(printSummary)
  var arguments = (["fuzz"] + options).map { strdup($0) } + [nil]
  var count = Int32(arguments.count - 1)
  let status = arguments.withUnsafeMutableBufferPointer { buffer in
    var start = buffer.baseAddress
    return LLVMFuzzerRunDriver(&count, &start) { data, size in
      runOnce([UInt8](UnsafeBufferPointer(start: data, count: size)))
      return 0
    }
  }
  exit(status)
}

@discardableResult
private func runOnce(_ input: [UInt8]) -> String {
  let size = inputFile.write(current.file(for: input))
  var outcome = "was read whole"
  runs += 1
  cfuzz_begin(memoryPerByte * size + memoryFloor)
  do {
    try current.read(inputFile.path)
    accepted += 1
  } catch {
    // The sentence is part of what a reader does, and must not trap either.
    outcome = "\(error)"
  }
  cfuzz_end(timeLimit)
  return outcome
}

/// Reads inputs once each, under the same limits, and prints what came of them.
func replay(_ target: any FuzzTarget, files: ArraySlice<String>) throws {
  current = target
  for file in files {
    // Before the reading, which may not return.
    FileHandle.standardOutput.write(Data("\(file): ".utf8))
    let outcome = runOnce(try Main.bytes(ofFile: file))
    FileHandle.standardOutput.write(Data("\(outcome)\n".utf8))
  }
  printSummary()
}

private func printSummary() {
  guard runs > 0 else { return }
  func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
  let most = cfuzz_most()
  let summary = """
    fuzz: \(current.name): \(runs) runs, \(accepted) files read whole; longest run \
    \(rounded(Double(most.nanoseconds) / 1e6)) ms of processor time; most memory \
    \(rounded(Double(most.memory) / 1e6)) MB, at most \(rounded(most.share * 100)) % of what a \
    file may take

    """
  FileHandle.standardError.write(Data(summary.utf8))
}

/// libFuzzer calls this, by its name, for every new input.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  data: UnsafeMutablePointer<UInt8>, size: Int, limit: Int, seed: UInt32
) -> Int {
  var random = RandomSource(state: UInt64(seed))
  let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
  // Bytes at random find what no structure foresees.
  if random.oneIn(3) { return LLVMFuzzerMutate(data, size, limit) }
  guard let output = current.mutate(input, limit: limit, &random), output.count <= limit,
    !output.isEmpty
  else { return LLVMFuzzerMutate(data, size, limit) }
  data.update(from: output, count: output.count)
  return output.count
}
