/// The width of the heart as a part of that of the lungs together, both in columns of an image.
///
/// The heart's width is that of the largest connected part of its mask; the thorax reaches from the
/// first to the last column of the largest connected parts of both lungs' masks. Stray specks
/// elsewhere thus widen neither. Radiologists measure the thorax between the inner sides of the
/// ribs: this is an approximation on masks that a network drew, and no clinical measurement.
public struct CardiothoracicRatio: Sendable, Hashable {
  /// The columns from the heart's first to its last.
  public let heart: ClosedRange<Int>
  /// The columns from the first to the last of both lungs.
  public let thorax: ClosedRange<Int>

  /// The heart's columns.
  public var heartWidth: Int { heart.count }
  /// The thorax' columns.
  public var thoraxWidth: Int { thorax.count }
  /// `heartWidth / thoraxWidth`.
  public var value: Double { Double(heartWidth) / Double(thoraxWidth) }

  /// Measures masks of one size; nil where one of them is empty.
  public init?(heart: Mask, leftLung: Mask, rightLung: Mask) {
    guard let heart = heart.largestRegion, let left = leftLung.largestRegion,
      let right = rightLung.largestRegion
    else { return nil }
    let lungs = [left.boundingBox.columns, right.boundingBox.columns]
    self.heart = heart.boundingBox.columns
    thorax =
      min(lungs[0].lowerBound, lungs[1].lowerBound)...max(lungs[0].upperBound, lungs[1].upperBound)
  }
}

extension Segmentation {
  /// The cardiothoracic ratio, or nil where heart or a lung was not asked for, is not among the
  /// model's labels, or was not found.
  ///
  /// The labels are `heart`, `left lung` and `right lung`, in any case.
  ///
  /// - Parameter size: the pixels in which widths are counted.
  /// - Returns: the ratio, with the columns that it was made of.
  public func cardiothoracicRatio(in size: Size = .model) -> CardiothoracicRatio? {
    func mask(_ label: String) -> Mask? {
      structures.first { $0.label.lowercased() == label }.map { self.mask(of: $0, in: size) }
    }
    guard let heart = mask("heart"), let left = mask("left lung"), let right = mask("right lung")
    else { return nil }
    return CardiothoracicRatio(heart: heart, leftLung: left, rightLung: right)
  }
}
