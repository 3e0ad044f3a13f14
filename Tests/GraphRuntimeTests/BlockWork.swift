import CKernels
import GraphRuntime

/// Numbers as a kernel reads or writes them.
struct Numbers: Sendable {
  var values: [Float]
  let isBFloat16: Bool

  /// Rounds what bfloat16 cannot hold.
  init(_ values: [Float], bf16: Bool = false) {
    self.values = bf16 ? values.map { zoo_f32(zoo_bf16($0)) } : values
    isBFloat16 = bf16
  }

  /// What stands in a result before a kernel runs: nothing that a kernel makes.
  static func canaries(_ count: Int, bf16: Bool) -> Numbers {
    Numbers(Array(repeating: Float(bitPattern: 0x5a5a_0000), count: count), bf16: bf16)
  }

  var byteCount: Int { values.count * (isBFloat16 ? 2 : 4) }

  func write(to bytes: UnsafeMutableRawPointer) {
    if isBFloat16 {
      let target = bytes.assumingMemoryBound(to: UInt16.self)
      for (index, value) in values.enumerated() { target[index] = zoo_bf16(value) }
    } else {
      let target = bytes.assumingMemoryBound(to: Float.self)
      for (index, value) in values.enumerated() { target[index] = value }
    }
  }

  func read(from bytes: UnsafeMutableRawPointer) -> [Float] {
    if isBFloat16 {
      let source = bytes.assumingMemoryBound(to: UInt16.self)
      return values.indices.map { zoo_f32(source[$0]) }
    }
    let source = bytes.assumingMemoryBound(to: Float.self)
    return values.indices.map { source[$0] }
  }
}

/// A part of a result: units (pixels, rows or tiles) of blocks of channels.
struct Rectangle: Sendable {
  let units, blocks: zoo_range

  init(units: Range<Int>, blocks: Range<Int>) {
    self.units = zoo_range(first: units.lowerBound, count: units.count)
    self.blocks = zoo_range(first: blocks.lowerBound, count: blocks.count)
  }
}

/// What a kernel over blocks of channels works on, whichever part of the result it makes.
struct BlockWork: Sendable {
  /// Where a call finds everything.
  struct Memory {
    let operands: [UnsafeMutableRawPointer]
    let result: UnsafeMutableRawPointer
    let scratch: UnsafeMutableRawPointer

    var resultFloats: UnsafeMutablePointer<Float> { result.assumingMemoryBound(to: Float.self) }

    func floats(_ operand: Int) -> UnsafeMutablePointer<Float> {
      operands[operand].assumingMemoryBound(to: Float.self)
    }
  }

  let operands: [Numbers]
  /// What stands in the result before the call.
  let before: Numbers
  let units: Int
  let blocks: Int
  /// Bytes of scratch for so many units.
  var scratch: @Sendable (Int) -> Int = { _ in 0 }
  let call: @Sendable (zoo_kernel_table, Memory, Rectangle) -> Void

  var whole: Rectangle { Rectangle(units: 0..<units, blocks: 0..<blocks) }

  /// The result after the rectangles have been made one after the other, every operand exactly as
  /// long as it must be; nil if anything beside the result or an operand was written.
  func run(
    _ kernels: Kernels, _ rectangles: [Rectangle], against edge: GuardedMemory.Edge
  ) -> [Float]? {
    let inputs = operands.map { operand in
      let memory = GuardedMemory(count: operand.byteCount, against: edge)
      operand.write(to: memory.bytes)
      return memory
    }
    let output = GuardedMemory(count: before.byteCount, against: edge)
    before.write(to: output.bytes)
    var guarded = inputs + [output]
    for rectangle in rectangles {
      // All ones are NaN in either format: what is read before it is written shows.
      let scratch = GuardedMemory(
        count: self.scratch(rectangle.units.count), against: edge, fill: 0xff)
      let memory = Memory(
        operands: inputs.map(\.bytes), result: output.bytes, scratch: scratch.bytes)
      call(kernels.table.pointee, memory, rectangle)
      guarded.append(scratch)
    }
    let isUnchanged = zip(operands, inputs).allSatisfy { operand, memory in
      zip(operand.read(from: memory.bytes), operand.values).allSatisfy {
        $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
      }
    }
    guard isUnchanged, guarded.allSatisfy(\.isIntactAround) else { return nil }
    return before.read(from: output.bytes)
  }
}
