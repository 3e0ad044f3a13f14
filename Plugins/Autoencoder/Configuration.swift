import GraphIR
import ModelKit

extension ResNetAutoencoder {
  /// What distinguishes one autoencoder from another.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Blocks of each of the four stages of the encoder; the decoder has the same, backwards.
    public var blocks: [Int]

    /// Creates a configuration; the default is torchxrayvision's `ResNetAE101`.
    public init(blocks: [Int] = [3, 4, 23, 2]) { self.blocks = blocks }

    /// A bound that no published network comes near; it keeps a hostile file from asking for a graph
    /// of billions of nodes.
    private static let mostBlocks = 256

    func validate() throws(ConfigurationError) {
      guard blocks.count == 4, blocks.allSatisfy({ (1...Self.mostBlocks).contains($0) }) else {
        throw ConfigurationError(
          field: "blocks", found: blocks,
          expected: "four numbers from 1 to \(Self.mostBlocks)")
      }
    }
  }

  /// Reads the number of blocks off the encoder's layers, where there is a decoder too.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    guard tensors["uplayer_top.conv1.weight"] != nil, tensors["conv1_1.weight"] != nil else {
      return nil
    }
    let blocks = (1...4).map { stage in
      tensors.count { "layer\(stage).\($0).conv1.weight" }
    }
    return blocks.contains(0) ? nil : Configuration(blocks: blocks)
  }

  /// The parts of the network by the first word of their parameters' names.
  private static let parts =
    ["conv1", "bn1", "uplayer_top", "conv1_1"] + (1...4).flatMap { ["layer\($0)", "uplayer\($0)"] }

  /// Knows torchxrayvision's names, which are the canonical ones.
  public static func role(ofKey key: String) -> KeyRole {
    guard let part = key.split(separator: ".", maxSplits: 1).first, parts.contains(String(part))
    else { return .unknown }
    return key.hasSuffix(".num_batches_tracked") ? .ignored : .parameter(key)
  }
}
