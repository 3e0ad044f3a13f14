/// The extents of a tensor, outermost first; `[]` is a scalar.
public struct Shape: Hashable, Sendable, Codable {
  /// The extents, each zero or more.
  public let dimensions: [Int]

  /// Creates a shape from its extents, outermost first.
  ///
  /// A negative extent is a programming error: readers of foreign files check before they build.
  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "negative extent in \(dimensions)")
    self.dimensions = dimensions
  }

  /// The number of elements, or nil where the product does not fit an `Int`.
  public var checkedElementCount: Int? {
    var count = 1
    for extent in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The most numbers that one value may have, 8 GiB of floats: beyond any image worth reading,
  /// and what the matrix product can count.
  static let mostElements = Int(Int32.max)

  /// The most axes that one value may have, as many as ONNX files are seen to use and to spare.
  static let mostAxes = 8

  /// Whether the product of any of the extents is so small that arithmetic on it cannot overflow:
  /// of an empty shape, too, the extents that are not 0.
  package var isComputable: Bool {
    let whole = Shape(dimensions.map { Swift.max($0, 1) })
    return whole.checkedElementCount.map { $0 <= Self.mostElements } ?? false
  }

  /// The number of elements; the product must fit an `Int`.
  public var elementCount: Int { dimensions.reduce(1, *) }

  /// Decodes the plain array of extents.
  public init(from decoder: any Decoder) throws {
    let dimensions = try [Int](from: decoder)
    guard dimensions.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "negative extent in a shape"))
    }
    self.dimensions = dimensions
  }

  /// Encodes the plain array of extents.
  public func encode(to encoder: any Encoder) throws { try dimensions.encode(to: encoder) }
}

extension Shape: RandomAccessCollection, ExpressibleByArrayLiteral {
  /// Creates a shape from literal extents.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The rank.
  public var endIndex: Int { dimensions.count }
  /// The extent of one axis.
  public subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: CustomStringConvertible {
  /// The extents with `×` between them, or `scalar`.
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}
