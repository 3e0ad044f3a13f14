import GraphIR
import ModelKit
import Testing

/// The entries of networks without labels.
struct ShippedAutoencodersTests {
  private static let prefix = "https://github.com/mlmed/torchxrayvision/releases/download/v1/"

  @Test func autoencoder() throws {
    let entry = try shippedManifest().entry(named: "101-elastic")
    #expect(entry.name == "resnetae-101-elastic")
    #expect(
      entry.source.url
        == Self.prefix + "nihpcrsnamimic_ch-resnet101-2-ae-test2-elastic-e250.pt")
    #expect(entry.architecture.id == "resnet-autoencoder")
    #expect(
      entry.architecture.configuration
        == .object(["blocks": .array([.integer(3), .integer(4), .integer(23), .integer(2)])]))
    #expect(try entry.model.input == InputSpecification(resolution: 224))
    #expect(entry.model.labels.count == 0 && entry.model.outputActivation == .none)
  }

  /// Their settings are in files that upstream fetches beside the weights.
  @Test(arguments: [("sd", "2023-07-04T06-25-02"), ("msdd", "2023-07-29T17-34-14")])
  func vqgan(_ kind: String, _ time: String) throws {
    let entry = try shippedManifest().entry(named: "cxr2-vqgan-768-\(kind)")
    #expect(entry.source.url == Self.prefix + time + "_cxr2_vqgan_768_\(kind).ckpt")
    #expect(entry.architecture == ManifestEntry.Architecture(id: "vqgan", configuration: nil))
    #expect(
      try entry.model.input
        == InputSpecification(
          resolution: 768, channels: 3, scaling: .unit, interpolation: .bilinear))
    #expect(entry.model.labels.count == 0 && entry.model.outputActivation == .none)
  }
}
