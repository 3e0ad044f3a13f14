import Foundation
import GraphIR
import GraphRuntime
import Imaging
import ModelKit

extension Model {
  /// Crops, resizes and classifies one image.
  ///
  /// - Parameters:
  ///   - image: a radiograph of any size.
  ///   - output: what the numbers shall be.
  ///   - operatingPoint: the name of other operating points than the usual ones to calibrate by,
  ///     such as `ppv80`.
  /// - Returns: a number for each label.
  /// - Throws: `ImageError`, `RuntimeError`, or `ZooError` where the model predicts nothing, has
  ///   no such output or operating points, or gives infinities or NaN, as damaged or overflowing
  ///   weights make it do.
  public func predict(
    _ image: XRayImage, output: Prediction.Output = .calibrated, operatingPoint: String? = nil
  ) throws -> Prediction {
    let (endpoint, points) = try prediction(output, operatingPoint)
    return Prediction(
      try values(of: endpoint, for: image), of: description, output: output, points: points)
  }

  /// Checks that the model can predict in that form; see `predict`.
  ///
  /// - Throws: `ZooError`.
  public func checkPrediction(
    _ output: Prediction.Output, operatingPoint: String? = nil
  ) throws {
    _ = try prediction(output, operatingPoint)
  }

  /// The endpoint that predictions come from, and the operating points of a name.
  private func prediction(
    _ output: Prediction.Output, _ operatingPoint: String?
  ) throws(ZooError) -> (endpoint: String, points: [Double?]?) {
    let endpoint = try endpoint(.prediction)
    let gives = description.unit ?? (endpoint == Endpoint.logitsName ? nil : endpoint)
    if let gives, output == .logit || output == .probability && gives != Endpoint.probabilitiesName
    {
      throw .otherOutput(model: description.name, wanted: output.rawValue, gives: gives)
    }
    guard let operatingPoint else { return (endpoint, nil) }
    guard let points = description.otherOperatingPoints[operatingPoint] else {
      throw .noOperatingPoints(
        model: description.name, name: operatingPoint,
        known: description.otherOperatingPoints.keys.sorted())
    }
    return (endpoint, points)
  }

  /// Crops, resizes and describes one image by the network's pooled feature vector.
  ///
  /// - Returns: as many numbers as the network has features, 1024 for DenseNet-121.
  /// - Throws: as `predict`.
  public func features(_ image: XRayImage) throws -> [Float] {
    try values(of: Endpoint.featuresName, for: image)
  }

  /// The image as this model's network takes it: `[1, 1, resolution, resolution]`.
  public func prepare(_ image: XRayImage) throws -> Tensor {
    let side = description.input.resolution
    let pixels = try Preprocessing(resolution: side).apply(to: image)
    return Tensor(shape: [1, 1, side, side], pixels)
  }

  /// How many numbers `features` gives.
  public func featureCount() throws -> Int {
    let side = description.input.resolution
    let session = try session(for: [1, 1, side, side], endpoints: [Endpoint.featuresName])
    return session.outputShapes[Endpoint.featuresName]?.last ?? 0
  }

  /// The height and width that the model was trained at.
  public var trainedSize: [Int] { [description.input.resolution, description.input.resolution] }

  /// A batch at the model's resolution, by the filter that torchxrayvision's model applies to
  /// inputs of another size; unchanged if it has that size.
  ///
  /// - Parameter images: `[batch, channels, height, width]`, square; values of any range.
  /// - Returns: `[batch, channels, resolution, resolution]`.
  /// - Throws: `ZooError` or `ImageError` where it is no batch of square images.
  public func fixResolution(_ images: Tensor) throws -> Tensor {
    guard images.shape.count == 4 else { throw ZooError.tensorRank(images.shape) }
    guard !images.shape[2...].elementsEqual(trainedSize), let values = images.floats() else {
      return images
    }
    let (height, width) = (images.shape[2], images.shape[3])
    guard height == width, height > 0 else {
      throw ImageError(Self.inputName, .notSquare(width: width, height: height))
    }
    let pixels = height * width
    let filter: ResolutionFilter =
      switch description.input.interpolation {
      case .antialiased: .antialiased
      case .bilinear: .bilinear
      }
    let resized = (0..<images.shape[0] * images.shape[1]).flatMap { plane in
      Imaging.fixResolution(
        Plane(
          width: width, height: height, values: Array(values[plane * pixels..<(plane + 1) * pixels])
        ), to: description.input.resolution, filter
      ).values
    }
    return Tensor(shape: Shape(images.shape.dimensions[..<2] + trainedSize), resized)
  }

  private func values(of endpoint: String, for image: XRayImage) throws -> [Float] {
    try values(of: endpoint, for: prepare(image))
  }

  /// An endpoint's values for a prepared image, all of them finite.
  func values(of endpoint: String, for image: Tensor) throws -> [Float] {
    let outputs = try run(image, endpoints: [endpoint])
    let values = outputs[endpoint]?.floats() ?? []
    guard values.allSatisfy(\.isFinite) else {
      throw ZooError.notFinite(model: description.name, endpoint: endpoint)
    }
    return values
  }
}
