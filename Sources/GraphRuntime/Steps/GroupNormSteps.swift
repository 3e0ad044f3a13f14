import CKernels
import GraphIR

/// How the statistics of a group norm's image, and what comes of them, lie in one planar value.
///
/// First what each channel is multiplied with, then what is added, both filled up to whole blocks;
/// behind them the moments of each strip of each block, as `moments_blocks` writes them.
struct GroupFactors {
  let channels: Int
  let plane: Int
  /// Blocks of channels.
  let blocks: Int
  /// Strips of a block.
  let strips: Int

  /// The places for an image.
  init(_ image: Shape) {
    channels = image[1]
    plane = image[2] * image[3]
    blocks = Layout.blocks(channels)
    strips = zoo_strips(plane)
    batch = image[0]
  }

  private let batch: Int

  /// The shape of the value.
  var valueShape: Shape { [batch, moments + 2 * Layout.block * strips * blocks] }
  /// The first number of the scales; the image's number in a batch is the caller's business.
  var scale: Int { 0 }
  /// The first number of the shifts.
  var shift: Int { Layout.block * blocks }
  /// The first number of the moments.
  var moments: Int { 2 * Layout.block * blocks }

  /// Pixels of a strip.
  func pixels(ofStrip strip: Int) -> Int {
    min(Int(zoo_strip), plane - strip * Int(zoo_strip))
  }
}

/// Mean and squared differences of each channel within each strip of an image.
struct GroupMomentsStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let places: GroupFactors
  private let isBfloat16: Bool
  private let cut: Cut

  init(
    image: Location, result: Place, places: GroupFactors, precision: Precision, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.result, self.places) = (image, result, places)
    isBfloat16 = precision == .bfloat16
    cut = Cut(
      units: places.blocks * places.strips, operations: 4 * places.channels * places.plane)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    kernels.table.pointee.moments_blocks(
      memory.floats(at: result) + places.moments, memory[image], places.plane,
      cut.part(task, threads: threads).units, isBfloat16)
  }
}

/// Scale and shift of each channel, from the moments of the strips.
///
/// Sums of the strips are in double precision, and so are the deviations, which are taken from the
/// mean of the group: no difference of large squares.
struct GroupFactorsStep: Step {
  private let op: GroupNorm
  private let gamma: Location
  private let beta: Location
  private let result: Place
  private let places: GroupFactors

  init(
    _ op: GroupNorm, gamma: Location, beta: Location, result: Place, places: GroupFactors
  ) {
    self.op = op
    (self.gamma, self.beta, self.result, self.places) = (gamma, beta, result, places)
  }

  func taskCount(threads: Int) -> Int { 1 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let values = memory.floats(at: result)
    let (gamma, beta) = (memory.floats(gamma), memory.floats(beta))
    let width = places.channels / op.groups
    let count = Double(width * places.plane)
    for group in 0..<op.groups {
      let channels = group * width..<(group + 1) * width
      var sum = 0.0
      forEachStrip(of: channels, values) { pixels, mean, _ in sum += pixels * mean }
      let mean = sum / count
      var squares = 0.0
      forEachStrip(of: channels, values) { pixels, stripMean, stripSquares in
        let difference = stripMean - mean
        squares += stripSquares + pixels * difference * difference
      }
      let inverse = 1 / (squares / count + Double(op.epsilon)).squareRoot()
      for channel in channels {
        let scale = Double(gamma[channel]) * inverse
        values[places.scale + channel] = Float(scale)
        values[places.shift + channel] = Float(Double(beta[channel]) - mean * scale)
      }
    }
    // What fills up the last block stays zero.
    for channel in places.channels..<Layout.block * places.blocks {
      values[places.scale + channel] = 0
      values[places.shift + channel] = 0
    }
  }

  /// Hands out pixels, mean and squared differences of each strip of each channel.
  private func forEachStrip(
    of channels: Range<Int>, _ values: UnsafeMutablePointer<Float>,
    _ body: (_ pixels: Double, _ mean: Double, _ squares: Double) -> Void
  ) {
    for channel in channels {
      let block = channel / Layout.block
      for strip in 0..<places.strips {
        let moments =
          values + places.moments + (block * places.strips + strip) * 2 * Layout.block
          + channel % Layout.block
        body(
          Double(places.pixels(ofStrip: strip)), Double(moments[0]),
          Double(moments[Layout.block]))
      }
    }
  }
}

/// `GroupNorm` behind its statistics, strip by strip.
struct GroupNormStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let factors: Location
  private let result: Place
  private let places: GroupFactors
  private let isSilu: Bool
  private let isBfloat16: Bool
  private let cut: Cut

  init(
    _ op: GroupNorm, image: Location, factors: Location, result: Place, places: GroupFactors,
    precision: Precision, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.factors, self.result, self.places) = (image, factors, result, places)
    isSilu = op.isSilu
    isBfloat16 = precision == .bfloat16
    cut = Cut(
      units: places.blocks * places.strips,
      operations: (isSilu ? 24 : 8) * places.channels * places.plane)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { 2 * places.channels * places.plane }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let units = cut.part(task, threads: threads).units
    let factors = memory.floats(factors)
    let pixelBytes = Layout.block * (isBfloat16 ? 2 : 4)
    var silu = zoo_unary(function: zoo_silu, parameter: 0)
    for unit in units.first..<units.first + units.count {
      let (block, strip) = (unit / places.strips, unit % places.strips)
      let pixels = places.pixels(ofStrip: strip)
      let start = (block * places.plane + strip * Int(zoo_strip)) * pixelBytes
      var affine = zoo_affine(
        scale: factors + places.scale + block * Layout.block,
        shift: factors + places.shift + block * Layout.block, relu: false)
      let target = memory.result(at: result) + start
      kernels.table.pointee.affine_blocks(
        target, memory[image] + start, &affine, pixels, zoo_range(first: 0, count: 1), isBfloat16)
      // While the strip is still in the nearest cache.
      if isSilu {
        kernels.table.pointee.unary(target, target, pixels * Layout.block, &silu, isBfloat16)
      }
    }
  }
}
