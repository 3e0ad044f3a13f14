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
  /// - Returns: a number for each label.
  /// - Throws: `ImageError`, `RuntimeError`, or `ZooError` where the model has no class scores or
  ///   gives infinities or NaN, as damaged or overflowing weights make it do.
  public func predict(
    _ image: XRayImage, output: Prediction.Output = .calibrated
  ) throws -> Prediction {
    let logits = try values(of: Endpoint.logitsName, for: image)
    return Prediction(logits, of: description, output: output)
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

  /// A batch at the model's resolution, by the filter that torchxrayvision's models apply to
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
    let resized = (0..<images.shape[0] * images.shape[1]).flatMap { plane in
      Imaging.fixResolution(
        Plane(
          width: width, height: height, values: Array(values[plane * pixels..<(plane + 1) * pixels])
        ), to: description.input.resolution
      ).values
    }
    return Tensor(shape: Shape(images.shape.dimensions[..<2] + trainedSize), resized)
  }

  private func values(of endpoint: String, for image: XRayImage) throws -> [Float] {
    let outputs = try run(try prepare(image), endpoints: [endpoint])
    let values = outputs[endpoint]?.floats() ?? []
    guard values.allSatisfy(\.isFinite) else {
      throw ZooError.notFinite(model: description.name, endpoint: endpoint)
    }
    return values
  }
}
