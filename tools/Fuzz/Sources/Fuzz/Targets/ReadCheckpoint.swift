import Converter
import GraphIR

/// Reads a PyTorch checkpoint, and the part of it that the reader proposes where there are several.
func readCheckpoint(_ path: String) throws {
  do {
    try look(at: Checkpoint(contentsOf: path))
  } catch let error as CheckpointError {
    guard case .ambiguous(let keys) = error.reason, let key = keys.first else { throw error }
    try look(at: Checkpoint(contentsOf: path, key: key))
  }
}

private func look(at checkpoint: Checkpoint) throws {
  for named in checkpoint.tensors { look(at: named.tensor) }
}

/// Touches every byte of a tensor, so that one outside its storage shows.
func look(at tensor: Tensor) {
  tensor.withUnsafeBytes { bytes in
    precondition(bytes.count == tensor.shape.elementCount * tensor.dtype.byteWidth)
    seen = bytes.reduce(seen) { $0 ^ $1 }
  }
}

/// Something that depends on every byte, or the compiler would read none.
nonisolated(unsafe) var seen: UInt8 = 0
