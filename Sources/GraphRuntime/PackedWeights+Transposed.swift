import CKernels
import GraphIR

extension PackedWeights {
  /// Memory for the weights of a transposed convolution over blocks, and the jobs that fill it.
  convenience init(
    packing weights: ConstantFloats, shape: TransposedShape, precision: Precision,
    jobs: inout PackingJobs
  ) throws(RuntimeError) {
    let isShared = shape.sharesBlocks
    let groups = isShared ? Layout.blocks(shape.groups * shape.inputs) : shape.groups
    let inputs = isShared ? Layout.block : shape.inputs
    let outputs = isShared ? Layout.block : shape.outputs
    let blocks = Layout.blocks(outputs)
    let blockCount = Layout.blocks(inputs) * shape.taps * Layout.block * Layout.block
    let isBfloat16 = precision == .bfloat16
    let groupBytes = blocks * blockCount * precision.byteCount
    try self.init(byteCount: groupBytes * groups, in: jobs.memory)
    let target = self
    for group in 0..<groups {
      let source = isShared ? weights.expanded(block: group, shape) : weights
      let start = isShared ? 0 : group * inputs * outputs * shape.taps
      for block in 0..<blocks {
        jobs.add(cost: blockCount) {
          var filter = zoo_filter(
            outputs: outputs, channels: inputs, height: shape.window.height,
            width: shape.window.width)
          var window = shape.kernelWindow(channels: inputs)
          zoo_pack_transposed(
            target.bytes + group * groupBytes, source.pointer + start, &filter, &window,
            zoo_range(first: block, count: 1), isBfloat16)
          withExtendedLifetime(source) {}
        }
      }
    }
  }
}

extension ConstantFloats {
  /// The weights of groups that share one block, `[16][16][taps]`, zero between groups.
  fileprivate func expanded(block: Int, _ shape: TransposedShape) -> ConstantFloats {
    let (width, taps) = (shape.inputs, shape.taps)
    var dense = [Float](repeating: 0, count: Layout.block * Layout.block * taps)
    for input in 0..<Layout.block {
      let channel = block * Layout.block + input
      guard channel < shape.groups * width else { break }
      let first = input / width * width
      for output in 0..<width {
        for tap in 0..<taps {
          dense[(input * Layout.block + first + output) * taps + tap] =
            pointer[(channel * width + output) * taps + tap]
        }
      }
    }
    return ConstantFloats(
      dense, shape: [Layout.block, Layout.block, shape.window.height, shape.window.width])
  }
}
