import Foundation
import GraphIR
import Imaging
import ModelKit

extension Model {
  /// Crops and resizes one image, and finds the structures on it.
  ///
  /// - Parameters:
  ///   - image: a radiograph of any size.
  ///   - labels: the structures that are wanted, in any order; all where nil.
  ///   - withProbabilities: whether to give each pixel's probability too, four bytes a pixel and
  ///     structure.
  /// - Returns: a mask for each structure.
  /// - Throws: `ImageError`, `RuntimeError`, `UnknownLabelError`, or `ZooError` where the model has
  ///   no masks, or gives infinities or NaN, as damaged or overflowing weights make it do.
  public func segment(
    _ image: XRayImage, structures labels: [String]? = nil, withProbabilities: Bool = false
  ) throws -> Segmentation {
    let endpoint = try endpoint(.segmentation)
    let wanted = try labels.map { try Set($0.map(description.labels.index)) }
    let input = try prepare(image)
    guard let maps = try run(input, endpoints: [endpoint])[endpoint] else {
      throw ZooError.noEndpoint(
        model: description.name, endpoint: endpoint, known: endpoints.map(\.name))
    }
    let side = description.input.resolution
    let expected: Shape = [1, description.labels.count, side, side]
    guard maps.shape == expected else {
      throw ZooError.mapShape(model: description.name, found: maps.shape, expected: expected)
    }
    var structures = [Segmentation.Structure]()
    // Lent and not copied: the maps of 159 structures take 166 MB.
    try maps.withFloats { logits in
      for (index, label) in description.labels.outputs.enumerated() {
        guard let label, wanted?.contains(index) ?? true else { continue }
        let start = index * side * side
        let map = UnsafeBufferPointer(rebasing: logits[start..<start + side * side])
        guard map.areFinite else {
          throw ZooError.notFinite(model: description.name, endpoint: endpoint)
        }
        structures.append(
          Segmentation.Structure(
            label, index, map, side: side, withProbabilities: withProbabilities))
      }
    }
    return Segmentation(
      structures: structures, imageWidth: image.width, imageHeight: image.height,
      crop: SquareCrop(width: image.width, height: image.height), resolution: side,
      pixels: input.floats() ?? [])
  }
}

extension Segmentation.Structure {
  /// Reads a mask off logits, `side` rows of `side`.
  fileprivate init(
    _ label: String, _ index: Int, _ logits: UnsafeBufferPointer<Float>, side: Int,
    withProbabilities: Bool
  ) {
    self.label = label
    self.index = index
    mask = Mask(width: side, height: side, positive: logits)
    var sum = 0.0
    var count = 0
    mask.forEachRun { row, columns in
      for column in columns { sum += Double(probability(logits[row * side + column])) }
      count += columns.count
    }
    meanProbability = count > 0 ? Float(sum / Double(count)) : nil
    probabilities = withProbabilities ? logits.map(probability) : nil
  }
}

/// The logistic function.
private func probability(_ logit: Float) -> Float { 1 / (1 + exp(-logit)) }

extension UnsafeBufferPointer<Float> {
  /// Whether no value is infinite or NaN.
  fileprivate var areFinite: Bool {
    // Their bits without the sign are the largest; integers are compared many at once.
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7fff_ffff) }
    return largest < Float.infinity.bitPattern
  }
}
