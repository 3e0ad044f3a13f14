/// Where the pixels of a mask lie.
///
/// A pixel's place is its column and row, counted from 0 at the left and top: the middle of the
/// first pixel is (0, 0).
public struct Region: Sendable, Hashable {
  /// A place between pixels.
  public struct Point: Sendable, Hashable {
    /// Columns from the left.
    public let x: Double
    /// Rows from the top.
    public let y: Double
  }

  /// The smallest rectangle around some pixels.
  public struct Box: Sendable, Hashable {
    /// The first column.
    public let x: Int
    /// The first row.
    public let y: Int
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int

    /// The columns, from the first to the last.
    public var columns: ClosedRange<Int> { x...x + width - 1 }
  }

  /// How many pixels there are, at least 1.
  public let areaPixels: Int
  /// The mean of their places.
  public let centroid: Point
  /// The smallest rectangle around them.
  public let boundingBox: Box

  fileprivate init(_ sums: Sums) {
    areaPixels = sums.area
    let area = Double(sums.area)
    centroid = Point(x: Double(sums.x) / area, y: Double(sums.y) / area)
    boundingBox = Box(
      x: sums.columns.lowerBound, y: sums.rows.lowerBound, width: sums.columns.count,
      height: sums.rows.count)
  }

  /// What pixels add up to.
  fileprivate struct Sums {
    var area: Int
    var x: Int
    var y: Int
    var columns: ClosedRange<Int>
    var rows: ClosedRange<Int>

    init(row: Int, columns: Range<Int>) {
      area = columns.count
      x = (columns.lowerBound + columns.upperBound - 1) * columns.count / 2
      y = row * columns.count
      self.columns = columns.lowerBound...columns.upperBound - 1
      rows = row...row
    }

    mutating func add(_ other: Sums) {
      area += other.area
      x += other.x
      y += other.y
      columns =
        min(
          columns.lowerBound, other.columns.lowerBound)...max(
          columns.upperBound, other.columns.upperBound)
      rows =
        min(
          rows.lowerBound, other.rows.lowerBound)...max(
          rows.upperBound, other.rows.upperBound)
    }
  }
}

extension Mask {
  /// Where the pixels lie, or nil where there are none.
  public var region: Region? {
    var all: Region.Sums?
    forEachRun { row, columns in
      let sums = Region.Sums(row: row, columns: columns)
      if all?.add(sums) == nil { all = sums }
    }
    return all.map(Region.init)
  }

  /// Where the pixels of the largest connected part lie, or nil where there are none.
  ///
  /// Pixels are connected that share a side or a corner. Of parts of equal size it is the one
  /// whose first pixel comes first, row by row.
  public var largestRegion: Region? {
    var parts = Parts()
    forEachRun { parts.add(row: $0, columns: $1) }
    return parts.largest.map(Region.init)
  }
}

/// Stretches of pixels, joined where they touch.
private struct Parts {
  /// What each part adds up to; only that of the first stretch of a part is kept up to date.
  private var sums: [Region.Sums] = []
  /// For each stretch one of the same part that came before it, or itself.
  private var parents: [Int] = []
  /// The columns of the stretches in this row and in the one above, which come in order.
  private var current: [(columns: Range<Int>, part: Int)] = []
  private var above: [(columns: Range<Int>, part: Int)] = []
  private var row = -1
  /// The first stretch above that may still touch one of this row.
  private var next = 0

  mutating func add(row: Int, columns: Range<Int>) {
    if row != self.row {
      above = row == self.row + 1 ? current : []
      current = []
      next = 0
      self.row = row
    }
    let part = sums.count
    sums.append(Region.Sums(row: row, columns: columns))
    parents.append(part)
    current.append((columns, part))
    while next < above.count, above[next].columns.upperBound < columns.lowerBound { next += 1 }
    var index = next
    while index < above.count, above[index].columns.lowerBound <= columns.upperBound {
      join(part, above[index].part)
      index += 1
    }
  }

  private mutating func root(_ part: Int) -> Int {
    var part = part
    while parents[part] != part {
      parents[part] = parents[parents[part]]
      part = parents[part]
    }
    return part
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (min(root(a), root(b)), max(root(a), root(b)))
    guard first != second else { return }
    parents[second] = first
    sums[first].add(sums[second])
  }

  /// The part of most pixels, the first of several.
  var largest: Region.Sums? {
    var best: Region.Sums?
    for (index, parent) in parents.enumerated() where index == parent {
      if sums[index].area > best?.area ?? 0 { best = sums[index] }
    }
    return best
  }
}
