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
  /// - Throws: `ImageError`, `RuntimeError`, or `ZooError` where the model has no class scores.
  public func predict(
    _ image: XRayImage, output: Prediction.Output = .calibrated
  ) throws -> Prediction {
    let logits = try values(of: Endpoint.logitsName, for: image)
    return Prediction(logits, of: description, output: output)
  }

  /// Crops, resizes and describes one image by the network's pooled feature vector.
  ///
  /// - Returns: as many numbers as the network has features, 1024 for DenseNet-121.
  public func features(_ image: XRayImage) throws -> [Float] {
    try values(of: Endpoint.featuresName, for: image)
  }

  /// The image as this model's network takes it: `[1, 1, resolution, resolution]`.
  public func prepare(_ image: XRayImage) throws -> Tensor {
    let side = description.input.resolution
    let pixels = try Preprocessing(resolution: side).apply(to: image)
    return Tensor(shape: [1, 1, side, side], pixels)
  }

  private func values(of endpoint: String, for image: XRayImage) throws -> [Float] {
    guard endpoints.contains(where: { $0.name == endpoint }) else {
      throw ZooError.noEndpoint(model: description.name, endpoint: endpoint)
    }
    let outputs = try run(try prepare(image), endpoints: [endpoint])
    return outputs[endpoint]?.floats() ?? []
  }
}
