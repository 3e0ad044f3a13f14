import GraphIR

/// `Gather` from a planar value: for each index what lies behind it.
struct GatherStep: Step {
  private let value: Location
  private let indices: Location
  private let result: Place
  private let extent: Int
  private let indexCount: Int
  private let inner: Int
  private let cut: Cut

  init(_ op: Gather, value: Location, indices: Location, result: Place, shapes: [Shape]) {
    (self.value, self.indices, self.result) = (value, indices, result)
    let shape = shapes[0]
    extent = shape[op.axis]
    indexCount = shapes[1].elementCount
    inner = shape[(op.axis + 1)...].reduce(1, *)
    let runs = shape[..<op.axis].reduce(1, *) * indexCount
    cut = Cut(units: runs, operations: 8 * runs * (inner + 4))
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let runs = cut.part(task, threads: threads).units
    let (source, places) = (memory.floats(value), memory.floats(indices))
    let target = memory.floats(at: result)
    for run in runs.first..<runs.first + runs.count {
      let place = Gather.place(of: places[run % indexCount], extent: extent)
      let from = source + (run / indexCount * extent + place) * inner
      (target + run * inner).update(from: from, count: inner)
    }
  }
}

/// `ArgExtremum` of a planar value, a few neighbouring results at a time.
struct ArgExtremumStep: Step {
  private let op: ArgExtremum
  private let operand: Location
  private let result: Place
  private let extent: Int
  private let inner: Int
  private let cut: Cut

  /// Results beside each other that are searched for together.
  private static let width = 16

  init(_ op: ArgExtremum, operand: Location, result: Place, shape: Shape) {
    self.op = op
    (self.operand, self.result) = (operand, result)
    extent = shape[op.axis]
    inner = shape[(op.axis + 1)...].reduce(1, *)
    let outer = shape[..<op.axis].reduce(1, *)
    let pieces = (inner + Self.width - 1) / Self.width
    cut = Cut(units: outer * pieces, operations: 4 * shape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations / 4 }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let units = cut.part(task, threads: threads).units
    let pieces = (inner + Self.width - 1) / Self.width
    for unit in units.first..<units.first + units.count {
      let (outer, first) = (unit / pieces, unit % pieces * Self.width)
      let from = memory.floats(operand) + outer * extent * inner + first
      let to = memory.floats(at: result) + outer * inner + first
      if inner - first >= Self.width {
        search(from, to)
      } else {
        for column in 0..<inner - first { to[column] = Float(search(from + column)) }
      }
    }
  }

  // Places are exact as floats up to 2^24, more than ever lie on one axis.
  private func search(_ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
    var best = load(from)
    var places = SIMD16<Int32>(repeating: 0)
    for index in 1..<max(1, extent) {
      let next = load(from + index * inner)
      let wins = wins(next, over: best)
      best.replace(with: next, where: wins)
      places.replace(with: Int32(truncatingIfNeeded: index), where: wins)
    }
    for column in 0..<Self.width { to[column] = Float(places[column]) }
  }

  private func load(_ from: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD16<Float>.self)
  }

  private func wins(
    _ next: SIMD16<Float>, over best: SIMD16<Float>
  ) -> SIMDMask<SIMD16<Float>.MaskStorage> {
    let isBetter = op.kind == .maximum ? next .> best : next .< best
    // Not a number wins over every number, and is the equal of its kind.
    let (isNaN, wasNaN) = (next .!= next, best .!= best)
    if op.takesLast { return isBetter .| (next .== best) .| isNaN }
    return isBetter .| (isNaN .& .!wasNaN)
  }

  private func search(_ from: UnsafePointer<Float>) -> Int {
    var (best, place) = (from[0], 0)
    for index in 1..<max(1, extent) {
      let next = from[index * inner]
      let isBetter = op.kind == .maximum ? next > best : next < best
      guard
        isBetter || next.isNaN && (op.takesLast || !best.isNaN) || op.takesLast && next == best
      else { continue }
      (best, place) = (next, index)
    }
    return place
  }
}
