import CKernels
import Foundation
import GraphIR

extension Session {
  /// Computes the endpoints: per image for a batch, else for inputs of the compiled shapes.
  ///
  /// - Parameter inputs: by name, tensors of the compiled shape; per image but for the batch extent,
  ///   which is the same for all.
  /// - Returns: every endpoint by name, float32; per image with the batch extent first.
  /// - Throws: `RuntimeError` where an input is missing or does not fit.
  public func run(_ inputs: [String: Tensor]) throws(RuntimeError) -> [String: Tensor] {
    try run(inputs, profile: nil)
  }

  func run(
    _ inputs: [String: Tensor], profile: Profile?
  ) throws(RuntimeError) -> [String: Tensor] {
    let (values, batch) = try checked(inputs)
    let outputs = try outputs.map { name, location throws(RuntimeError) in
      let count = outputShapes[name]?.elementCount ?? 0
      return try Output(name: name, location: location, count: count, batch: batch)
    }
    // While there are images for all threads, each computes one by itself and waits for nobody;
    // what remains is computed by all together, image by image.
    let alone = profile == nil && threads.count > 1 ? batch / threads.count * threads.count : 0
    if alone > 0 {
      var taken = [Workspace]()
      defer { taken.forEach(workspaces.giveBack) }
      for _ in 0..<threads.count { taken.append(try workspaces.take()) }
      let workspaces = taken
      threads.run(tasks: alone) { image, worker in
        let workspace = workspaces[worker]
        load(values, image: image, into: workspace)
        for labelled in steps {
          labelled.step.run(
            task: 0, threads: 1, scratch: workspace.scratch(0), in: workspace.memory)
        }
        for output in outputs { output.store(image: image, from: workspace.memory) }
      }
    }
    if alone < batch {
      let workspace = try workspaces.take()
      defer { workspaces.giveBack(workspace) }
      for image in alone..<batch {
        load(values, image: image, into: workspace)
        if let profile { execute(in: workspace, profile) } else { execute(in: workspace) }
        for output in outputs { output.store(image: image, from: workspace.memory) }
      }
    }
    var result = [String: Tensor]()
    for output in outputs {
      guard let shape = outputShapes[output.name] else { continue }
      result[output.name] = Tensor(
        dtype: .float32,
        shape: batching == .whole ? shape : Shape([batch] + shape.dimensions.dropFirst()),
        storage: output.storage)
    }
    return result
  }

  private func load(_ values: [Input], image: Int, into workspace: Workspace) {
    for input in values {
      input.tensor.withUnsafeBytes { bytes in
        let part = bytes[image * input.byteCount..<(image + 1) * input.byteCount]
        UnsafeMutableRawBufferPointer(
          start: workspace.memory.arena + input.offset, count: input.byteCount
        ).copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      }
    }
  }

  private func execute(in workspace: Workspace) {
    threads.run(layers: taskCounts) { step, task, worker in
      steps[step].step.run(
        task: task, threads: threads.count, scratch: workspace.scratch(worker),
        in: workspace.memory)
    }
  }

  private func execute(in workspace: Workspace, _ profile: Profile) {
    for (index, labelled) in steps.enumerated() {
      let start = ContinuousClock.now
      threads.run(tasks: labelled.step.taskCount(threads: threads.count)) { task, worker in
        labelled.step.run(
          task: task, threads: threads.count, scratch: workspace.scratch(worker),
          in: workspace.memory)
      }
      profile.record(step: index, ContinuousClock.now - start)
    }
  }

  private func checked(
    _ inputs: [String: Tensor]
  ) throws(RuntimeError) -> (values: [Input], batch: Int) {
    var batch: Int?
    var values = [Input]()
    for (name, expected) in inputShapes {
      guard let tensor = inputs[name] else { throw .missingInput(name) }
      let fits =
        batching == .whole
        ? tensor.shape == expected
        : tensor.shape.count == expected.count
          && tensor.shape.dropFirst().elementsEqual(expected.dropFirst())
      guard fits else {
        throw batching == .whole
          ? .exactInputShape(name: name, found: tensor.shape, expected: expected)
          : .inputShape(name: name, found: tensor.shape, expected: expected)
      }
      guard let floats = tensor.dtype == .float32 ? tensor : tensor.asFloats() else {
        throw .inputType(name: name, found: tensor.dtype)
      }
      if batching == .perImage {
        if let batch, batch != tensor.shape[0] { throw .batchMismatch(batch, tensor.shape[0]) }
        batch = tensor.shape[0]
      }
      // An input that no requested endpoint needs has no place.
      if let offset = inputOffsets[name] {
        values.append(Input(tensor: floats, offset: offset, byteCount: expected.elementCount * 4))
      }
    }
    return (values, batching == .whole ? 1 : batch ?? 0)
  }
}

/// One input's images and their place in an arena.
private struct Input {
  let tensor: Tensor
  let offset: Int
  let byteCount: Int
}

/// One endpoint's place in an arena, and what becomes its tensor.
private struct Output: @unchecked Sendable {
  let name: String
  let storage: ByteStorage
  private let location: Location
  private let byteCount: Int
  private let target: UnsafeMutableRawBufferPointer

  /// - Throws: `RuntimeError.tooLarge` where there is no memory for all images.
  init(name: String, location: Location, count: Int, batch: Int) throws(RuntimeError) {
    self.name = name
    self.location = location
    byteCount = count * 4
    let (size, overflow) = byteCount.multipliedReportingOverflow(by: batch)
    guard !overflow, let memory = largeMemory(byteCount: size) else { throw .tooLarge }
    // Nobody else knows the storage before everything is stored.
    target = UnsafeMutableRawBufferPointer(start: memory, count: size)
    storage = ByteStorage(adopting: UnsafeRawBufferPointer(target)) { free($0.mutableStart) }
  }

  // Images lie apart from each other, so threads may store them at the same time.
  func store(image: Int, from memory: Memory) {
    UnsafeMutableRawBufferPointer(
      rebasing: target[image * byteCount..<(image + 1) * byteCount]
    ).copyMemory(from: UnsafeRawBufferPointer(start: memory[location], count: byteCount))
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var mutableStart: UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(mutating: baseAddress)
  }
}

extension Tensor {
  /// The same values as 32-bit floats, or nil for complex ones.
  fileprivate func asFloats() -> Tensor? { floats().map { Tensor(shape: shape, $0) } }
}
