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
    try ArchitectureCatalog(Zoo.builtInArchitectures)[architecture].graph(configuration)
  }

  private var architecture: String { self == .resnet50 ? "resnet" : "densenet" }

  private var configuration: JSONValue {
    var members: [String: JSONValue] = [
      "inputChannels": .integer(channels), "classCount": .integer(18),
    ]
    switch self {
    case .densenet121, .densenet121Colour:
      members["initialFeatures"] = .integer(64)
      members["growthRate"] = .integer(32)
      members["blocks"] = .array([6, 12, 24, 16].map { .integer($0) })
      members["bottleneckFactor"] = .integer(4)
    case .resnet50:
      members["isBottleneck"] = .bool(true)
      members["blocks"] = .array([3, 4, 6, 3].map { .integer($0) })
      members["width"] = .integer(64)
      members["innerWidth"] = .integer(64)
      members["hasLogSoftmax"] = .bool(false)
    }
    return .object(members)
  }
}
