import ArgumentParser
import XRayZoo

/// The networks that are measured.
enum Network: String, CaseIterable, ExpressibleByArgument {
  /// torchxrayvision's: one channel, 18 classes.
  case densenet121
  /// The backbone of the JF Healthcare model, which takes colour images.
  case densenet121Colour = "densenet121-colour"
  /// torchxrayvision's: one channel, 18 classes, stride in the 3x3 convolutions.
  case resnet50

  /// Channels of the input.
  var channels: Int { self == .densenet121Colour ? 3 : 1 }

  /// The sizes that published weights of the network take.
  var sizes: [Int] {
    switch self {
    case .densenet121: [224, 512]
    case .densenet121Colour, .resnet50: [512]
    }
  }

  /// The network, its scores at the endpoint `Endpoint.logitsName`.
  func graph() throws -> Graph {
    switch self {
    case .densenet121, .densenet121Colour:
      let configuration: [String: JSONValue] = [
        "inputChannels": .integer(channels), "initialFeatures": .integer(64),
        "growthRate": .integer(32), "blocks": .array([6, 12, 24, 16].map { .integer($0) }),
        "bottleneckFactor": .integer(4), "classCount": .integer(Self.classCount),
      ]
      return try ArchitectureCatalog(Zoo.builtInArchitectures)["densenet"]
        .graph(.object(configuration))
    case .resnet50: return try ResNet50.graph(channels: channels, classCount: Self.classCount)
    }
  }

  private static let classCount = 18
}
