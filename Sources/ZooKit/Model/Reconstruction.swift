import Foundation
import GraphIR
import Imaging
import ModelKit

/// What an autoencoder makes of an image that it has seen through its latent alone.
///
/// Research software, not a medical device: what a reconstruction leaves out or adds is no finding.
public struct Reconstruction: Sendable {
  /// Pixels in a row and rows, the model's resolution.
  public let side: Int
  /// The image as the network took it, `side` rows of `side` values in -1024...1024.
  public let prepared: [Float]
  /// What the network gives, in the same unit; some networks leave the range.
  public let pixels: [Float]
  private let name: String

  init(name: String, side: Int, prepared: [Float], pixels: [Float]) {
    self.name = name
    self.side = side
    self.prepared = prepared
    self.pixels = pixels
  }

  /// The mean over all pixels of the absolute difference between the reconstruction and the
  /// prepared image, on the scale from -1024 to 1024: 0 is the image itself, 2048 the most for what
  /// stays in that range.
  public var meanAbsoluteError: Double {
    let sum = zip(prepared, pixels).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
    return sum / Double(pixels.count)
  }

  /// The reconstruction as a grey PNG file of 8 bits: -1024 is black, 1024 white, what lies beyond is
  /// cut off, and what lies between is rounded to the nearest of 256 steps.
  ///
  /// - Throws: `ImageError` where memory runs out.
  public func png() throws(ImageError) -> Data {
    let samples = pixels.map { UInt8((min(max(($0 + 1024) / 2048, 0), 1) * 255).rounded()) }
    return try PNGEncoder.encode(samples, width: side, height: side, .gray, name: name)
  }
}

extension Model {
  /// Crops and resizes an image, and has the network make it again of its latent.
  ///
  /// - Parameter image: a radiograph of any size.
  /// - Returns: the reconstruction, finite, beside the image that it is of.
  /// - Throws: `ImageError`, `RuntimeError`, or `ZooError` where the model reconstructs nothing, or
  ///   gives infinities or NaN.
  public func reconstruct(_ image: XRayImage) throws -> Reconstruction {
    try require(Endpoint.reconstructionName)
    let prepared = try prepare(image)
    let pixels = try values(of: Endpoint.reconstructionName, for: prepared)
    return Reconstruction(
      name: image.name, side: description.input.resolution, prepared: prepared.floats() ?? [],
      pixels: pixels)
  }

  /// Refuses images whose reconstruction would have another size.
  ///
  /// Autoencoders halve and double again: what is lost where an extent is no multiple of something
  /// does not come back. Upstream's fail too.
  func checkReconstruction(
    _ graph: Graph, of image: Shape, endpoints names: [String]?
  ) throws(ZooError) {
    // Where the image does not fit at all, that is told when the network is compiled.
    guard names?.contains(Endpoint.reconstructionName) ?? true,
      let value = graph.endpoints[Endpoint.reconstructionName],
      let made = try? graph.shapes(inputs: [Self.inputName: image])[value.index],
      !made.dropFirst(2).elementsEqual(image.dropFirst(2))
    else { return }
    throw .reconstructionSize(
      model: description.name, image: Shape(Array(image.dropFirst(2))),
      found: Shape(Array(made.dropFirst(2))), side: description.input.resolution)
  }
}
