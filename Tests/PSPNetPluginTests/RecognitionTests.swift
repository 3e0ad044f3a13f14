import GraphIR
import ModelKit
import PSPNetPlugin
import Testing

/// PSPNets known by the names and shapes of their tensors alone, and configurations that make none.
struct RecognitionTests {
  private func shapes(_ configuration: PSPNet.Configuration) throws -> [String: Shape] {
    let parameters = try PSPNet.graph(configuration).parameters
    return Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.shape) })
  }

  @Test(arguments: [
    PSPNet.Configuration(), .init(blocks: [3, 4, 6, 3], classCount: 150),
    .init(blocks: [1, 1, 1, 1], classCount: 1),
  ])
  func byItsTensors(_ configuration: PSPNet.Configuration) throws {
    let tensors = try shapes(configuration)
    #expect(PSPNet.recognize(tensors) == configuration)
    for name in tensors.keys { #expect(PSPNet.role(ofKey: name) == .parameter(name)) }
  }

  /// What torchxrayvision lists, without counters and the second head.
  @Test func parameters() throws {
    let tensors = try shapes(.init())
    #expect(tensors.count == 676 - 7 - 112)
    #expect(tensors["convbnrelu1_3.cbr_unit.0.weight"] == [128, 64, 3, 3])
    #expect(tensors["res_block2.layers.0.cb4.cb_unit.0.weight"] == [256, 128, 1, 1])
    #expect(tensors["res_block5.layers.2.cbr2.cbr_unit.0.weight"] == [512, 512, 3, 3])
    #expect(tensors["pyramid_pooling.path_module_list.3.cbr_unit.1.running_var"] == [512])
    #expect(tensors["cbr_final.cbr_unit.0.weight"] == [512, 4096, 3, 3])
    #expect(tensors["classification.bias"] == [14])
  }

  @Test(arguments: [
    "classification.weight", "pyramid_pooling.path_module_list.0.cbr_unit.0.weight",
    "res_block4.layers.0.cbr1.cbr_unit.0.weight",
  ])
  func notWithout(_ name: String) throws {
    var tensors = try shapes(.init())
    tensors[name] = nil
    #expect(PSPNet.recognize(tensors) == nil)
    #expect(PSPNet.recognize([:]) == nil)
  }

  @Test(arguments: [[], [1], [0, 1, 1, 1], [.max, 1, 1, 1]])
  func absurdShapes(_ extents: [Int]) throws {
    var tensors = try shapes(.init())
    tensors["classification.weight"] = Shape(extents)
    guard let configuration = PSPNet.recognize(tensors) else { return }
    #expect(throws: ConfigurationError.self) { _ = try PSPNet.graph(configuration) }
  }

  @Test(arguments: [
    ("convbnrelu1_1.cbr_unit.0.weight", KeyRole.parameter("convbnrelu1_1.cbr_unit.0.weight")),
    ("module.classification.bias", .parameter("classification.bias")),
    ("module.cbr_final.cbr_unit.1.num_batches_tracked", .ignored),
    ("module.convbnrelu4_aux.cbr_unit.0.weight", .ignored), ("aux_cls.bias", .ignored),
    ("", .unknown), ("classification", .unknown), ("module.module.classification.bias", .unknown),
    ("conv1.weight", .unknown), ("op_threshs", .unknown),
  ])
  func roles(_ key: String, _ role: KeyRole) {
    #expect(PSPNet.role(ofKey: key) == role)
  }

  private static let blocks = "must be 4 block counts of 1 or more, at most 1024 together"

  @Test(arguments: [
    (PSPNet.Configuration(classCount: 0), "classCount is 0, must be from 1 to 65536"),
    (.init(classCount: .min), "classCount is \(Int.min), must be from 1 to 65536"),
    (.init(classCount: .max), "classCount is \(Int.max), must be from 1 to 65536"),
    (.init(blocks: []), "blocks is [], \(blocks)"),
    (.init(blocks: [3, 4, 23]), "blocks is [3, 4, 23], \(blocks)"),
    (.init(blocks: [3, 4, 0, 3]), "blocks is [3, 4, 0, 3], \(blocks)"),
    (.init(blocks: [3, 4, .max, .max]), "blocks is [3, 4, \(Int.max), \(Int.max)], \(blocks)"),
    (.init(blocks: Array(repeating: 1, count: 17)), "blocks is 17 long, \(blocks)"),
  ])
  func isRefused(_ configuration: PSPNet.Configuration, _ fact: String) {
    let error = #expect(throws: ConfigurationError.self) { _ = try PSPNet.graph(configuration) }
    #expect(error?.description == "the configuration's \(fact)")
  }
}
