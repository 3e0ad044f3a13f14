import CKernels
import GraphIR

extension PackedWeights {
  /// Memory for the weights of a convolution, in the one form that its kernel reads, and the jobs
  /// that fill it.
  convenience init(
    packing weights: ConstantFloats, shape: ConvolutionShape, path: ConvolutionPath,
    precision: Precision, jobs: inout PackingJobs
  ) throws(RuntimeError) {
    let expanded = shape.sharesBlocks && path == .direct
    let inputs = expanded ? Layout.block : shape.inputs
    let groups = expanded ? Layout.blocks(shape.groups * shape.inputs) : shape.groups
    let outputs =
      path == .depthwise ? shape.groups : expanded ? Layout.block : shape.outputs
    let isPaired = precision == .bfloat16 && (path == .pointwise || path == .direct)
    let perTap =
      switch path {
      case .planar, .depthwise: inputs
      default: Layout.blocks(inputs) * Layout.block
      }
    let points = path == .winograd ? 36 : shape.taps
    let blocks = Layout.blocks(outputs)
    let groupBytes = blocks * Layout.block * perTap * points * (isPaired ? 2 : 4)
    try self.init(byteCount: groupBytes * (path == .depthwise ? 1 : groups), in: jobs.memory)

    let filter = zoo_filter(
      outputs: outputs, channels: inputs, height: shape.window.height, width: shape.window.width)
    let target = self
    for group in 0..<(path == .depthwise ? 1 : groups) {
      let dense: ConstantFloats
      let start: Int
      if expanded {
        (dense, start) = (weights.expanded(block: group, shape), 0)
      } else {
        (dense, start) = (weights, group * shape.outputs * shape.inputs * shape.taps)
      }
      // A few blocks a job, so that large layers are shared between threads.
      let step = 8
      for first in stride(from: 0, to: blocks, by: step) {
        let range = zoo_range(first: first, count: min(step, blocks - first))
        let offset = group * groupBytes
        jobs.add(cost: range.count * perTap * points) {
          var filter = filter
          let source = dense.pointer + start
          let bytes = target.bytes + offset
          let floats = bytes.assumingMemoryBound(to: Float.self)
          switch path {
          case .winograd: zoo_pack_winograd(floats, source, &filter, range)
          case .planar: zoo_pack_planar(floats, source, &filter, range)
          case .depthwise: zoo_pack_depthwise(floats, source, &filter, range)
          default:
            if isPaired {
              zoo_pack_direct_bf16(
                bytes.assumingMemoryBound(to: UInt16.self), source, &filter, range)
            } else {
              zoo_pack_direct(floats, source, &filter, range)
            }
          }
          dense.discardPages()
        }
      }
    }
  }
}

extension ConstantFloats {
  /// The weights of groups that share one block, `[16][16][taps]`, zero between groups.
  fileprivate func expanded(block: Int, _ shape: ConvolutionShape) -> ConstantFloats {
    let width = shape.inputs
    var dense = [Float](repeating: 0, count: Layout.block * Layout.block * shape.taps)
    for output in 0..<Layout.block {
      let channel = block * Layout.block + output
      guard channel < shape.groups * width else { break }
      let first = output / width * width
      for input in 0..<width {
        for tap in 0..<shape.taps {
          dense[(output * Layout.block + first + input) * shape.taps + tap] =
            pointer[(channel * width + input) * shape.taps + tap]
        }
      }
    }
    return ConstantFloats(
      dense, shape: [Layout.block, Layout.block, shape.window.height, shape.window.width])
  }
}
