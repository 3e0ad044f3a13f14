/// The steps from a radiograph to a model's input: centre crop, then resize.
///
/// As torchxrayvision's usual `XRayCenterCrop` and `XRayResizer(resolution)`; scaling to
/// -1024...1024 has happened when the image was made.
public struct Preprocessing: Sendable, Equatable {
  /// The largest resolution that is made; its float32 pixels take 256 MiB.
  public static let maximumResolution = 8192

  /// Pixels a side of the result.
  public var resolution: Int
  /// Whether the largest square in the middle is cut out first.
  public var cropsToSquare: Bool

  /// Describes the steps; nothing is checked before an image is there.
  public init(resolution: Int, cropsToSquare: Bool = true) {
    self.resolution = resolution
    self.cropsToSquare = cropsToSquare
  }

  /// Prepares an image.
  ///
  /// - Returns: `resolution` rows of `resolution` values in -1024...1024.
  /// - Throws: `ImageError` for a resolution outside 1...8192, and for an image that is not
  ///   square and is not cropped.
  public func apply(to image: XRayImage) throws(ImageError) -> [Float] {
    guard (1...Self.maximumResolution).contains(resolution) else {
      throw ImageError(image.name, .resolutionOutOfRange(resolution))
    }
    let square = cropsToSquare ? centerCrop(image.plane) : image.plane
    guard square.width == square.height else {
      throw ImageError(image.name, .notSquare(width: square.width, height: square.height))
    }
    return resize(square, width: resolution, height: resolution).values
  }
}

extension XRayImage {
  /// The image at a model's resolution by the filter that torchxrayvision's models apply to inputs
  /// of another size; unchanged if it has that size.
  ///
  /// For images that were prepared elsewhere; `Preprocessing` is what files go through.
  ///
  /// - Parameters:
  ///   - resolution: the new side in pixels.
  ///   - filter: what the model does; most smooth.
  /// - Returns: `resolution` rows of `resolution` values.
  /// - Throws: `ImageError` for a resolution outside 1...8192, and for an image that is not square.
  public func fixingResolution(
    to resolution: Int, _ filter: ResolutionFilter = .antialiased
  ) throws(ImageError) -> [Float] {
    guard (1...Preprocessing.maximumResolution).contains(resolution) else {
      throw ImageError(name, .resolutionOutOfRange(resolution))
    }
    guard width == height else { throw ImageError(name, .notSquare(width: width, height: height)) }
    return fixResolution(plane, to: resolution, filter).values
  }
}
