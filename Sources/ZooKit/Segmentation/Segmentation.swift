import Imaging

/// Where a model sees its structures on one image.
///
/// Masks are in the pixels that the network sees: of the largest square in the middle of the image,
/// resized to the model's resolution. `mask(of:in:)` lays them on the image itself. A pixel belongs
/// to a structure where the network's logit is above 0, that is, the probability above one half;
/// it may belong to several.
///
/// Research software, not a medical device: masks are no measurement for patients.
public struct Segmentation: Sendable {
  /// One structure.
  public struct Structure: Sendable {
    /// The label, in the publisher's spelling.
    public let label: String
    /// The place of the label among all of the model's, which gives the structure its colour.
    public let index: Int
    /// The pixels, in the model's square; perhaps none.
    public let mask: Mask
    /// The mean probability of the mask's pixels, above one half; nil where there are none.
    public let meanProbability: Float?
    /// The probability of each pixel of the model's square, row by row from the top; nil unless
    /// asked for.
    public let probabilities: [Float]?

    /// How many pixels of the model's square belong.
    public var areaPixels: Int { mask.areaPixels }
    /// What part of the model's square belongs, from 0 to 1.
    public var areaFraction: Double { Double(areaPixels) / Double(mask.width * mask.height) }
    /// Centroid and bounding box in the model's square; nil for an empty mask.
    public var region: Region? { mask.region }
  }

  /// In which pixels masks and places are given.
  public enum Size: String, Sendable, CaseIterable {
    /// The square that the network sees.
    case model
    /// The image as it was read; nothing outside the square belongs to any structure.
    case original
  }

  /// The structures in the model's order.
  public let structures: [Structure]
  /// Pixels in a row of the image as it was read.
  public let imageWidth: Int
  /// Rows of the image as it was read.
  public let imageHeight: Int
  /// The square that the network sees, in pixels of the image.
  public let crop: SquareCrop
  /// Pixels a side of the square as the network sees it.
  public let resolution: Int
  /// The square's values in -1024...1024, row by row.
  let pixels: [Float]

  /// The structure of a label, or nil where there is none or it was not asked for.
  public subscript(label: String) -> Structure? { structures.first { $0.label == label } }

  /// The mask of a structure in the pixels of the model or of the image.
  public func mask(of structure: Structure, in size: Size) -> Mask {
    switch size {
    case .model: structure.mask
    case .original: structure.mask.placed(at: crop, width: imageWidth, height: imageHeight)
    }
  }
}
