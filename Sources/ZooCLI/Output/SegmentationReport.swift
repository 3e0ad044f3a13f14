import XRayZoo

/// What was written about one image.
struct SegmentationReport {
  /// A structure's line.
  struct Row {
    let label: String
    let file: String
    let region: Region?
    /// The part of all pixels that belongs.
    let fraction: Double
    let meanProbability: Float?

    init(_ structure: Segmentation.Structure, _ mask: Mask, file: String) {
      label = structure.label
      self.file = file
      region = mask.region
      fraction = Double(region?.areaPixels ?? 0) / Double(mask.width * mask.height)
      meanProbability = structure.meanProbability
    }
  }

  let rows: [Row]
  let overlay: String
  let ratio: CardiothoracicRatio?
  /// Of the masks.
  let width: Int
  let height: Int
  private let size: Segmentation.Size
  private let crop: SquareCrop
  private let imageWidth: Int
  private let imageHeight: Int

  init(_ segmentation: Segmentation, size: Segmentation.Size, rows: [Row], overlay: String) {
    self.size = size
    self.rows = rows
    self.overlay = overlay
    ratio = segmentation.cardiothoracicRatio(in: size)
    crop = segmentation.crop
    (imageWidth, imageHeight) = (segmentation.imageWidth, segmentation.imageHeight)
    width = size == .model ? segmentation.resolution : imageWidth
    height = size == .model ? segmentation.resolution : imageHeight
  }

  /// The report for programs, beside the names of image and model.
  var members: [String: JSONValue] {
    [
      "size": .string(size.rawValue), "width": .integer(width), "height": .integer(height),
      "original": .object(["width": .integer(imageWidth), "height": .integer(imageHeight)]),
      "crop": .object([
        "x": .integer(crop.left), "y": .integer(crop.top), "width": .integer(crop.side),
        "height": .integer(crop.side),
      ]),
      "structures": .array(rows.map(\.json)), "overlay": .string(overlay),
      "cardiothoracicRatio": ratio?.json ?? .null,
    ]
  }
}

extension SegmentationReport.Row {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "label": .string(label), "file": .string(file),
      "areaPixels": .integer(region?.areaPixels ?? 0), "areaFraction": .number(fraction),
      "centroid": .null, "boundingBox": .null,
      // The shortest text that gives the same float.
      "meanProbability": meanProbability.map { .number(Double("\($0)") ?? Double($0)) } ?? .null,
    ]
    if let region {
      members["centroid"] = .object([
        "x": .number(region.centroid.x), "y": .number(region.centroid.y),
      ])
      members["boundingBox"] = .object([
        "x": .integer(region.boundingBox.x), "y": .integer(region.boundingBox.y),
        "width": .integer(region.boundingBox.width), "height": .integer(region.boundingBox.height),
      ])
    }
    return .object(members)
  }
}

extension CardiothoracicRatio {
  fileprivate var json: JSONValue {
    func ends(_ columns: ClosedRange<Int>) -> JSONValue {
      .array([.integer(columns.lowerBound), .integer(columns.upperBound)])
    }
    return .object([
      "value": .number(value), "heartWidth": .integer(heartWidth), "heartColumns": ends(heart),
      "thoraxWidth": .integer(thoraxWidth), "thoraxColumns": ends(thorax),
    ])
  }
}
