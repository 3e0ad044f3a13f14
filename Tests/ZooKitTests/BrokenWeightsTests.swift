import Foundation
import GraphIR
import Testing
import WeightFiles
import XRayZoo
import ZooFixtures

/// Weights that are sound files of the right tensors and still make no model.
@Suite struct BrokenWeightsTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  @Test func aNetworkThatGivesNoNumbersSaysNothing() throws {
    let native = fixture.folder.file("sound.safetensors")
    try fixture.zoo.convert(ZooFixtures.path("module.legacy.pt"), to: native)
    let sound = try WeightFile(contentsOf: URL(fileURLWithPath: native))
    let broken = fixture.folder.file("broken.safetensors")
    try WeightFile.write(
      sound.profile,
      tensors: sound.tensors.map { name, tensor in
        guard name == "classifier.bias" else { return TensorToWrite(name: name, tensor) }
        let values = [Float.nan] + (tensor.floats() ?? []).dropFirst()
        return TensorToWrite(name: name, Tensor(shape: tensor.shape, values))
      }, to: URL(fileURLWithPath: broken))

    let model = try fixture.zoo.load(broken)
    let image = try fixture.image(0)
    #expect(throws: ZooError.notFinite(model: model.description.name, endpoint: "logits")) {
      try model.predict(image)
    }
    // The features come before the classifier and are numbers still.
    #expect(try model.features(image).allSatisfy(\.isFinite))
  }

  @Test func operatingPointsOfAnotherNumberAreRefused() throws {
    let path = fixture.folder.file("points.safetensors")
    let native = fixture.folder.file("sound.safetensors")
    try fixture.zoo.convert(ZooFixtures.path("module.legacy.pt"), to: native)
    var tensors = try WeightFile(contentsOf: URL(fileURLWithPath: native)).tensors
    tensors["op_threshs"] = Tensor(shape: [2], [0.5, 0.5])
    try foreignSafetensors(tensors).write(to: URL(fileURLWithPath: path))
    #expect {
      try fixture.zoo.load(path)
    } throws: { error in
      "\(error)".contains("points.safetensors")
        && "\(error)".contains("2 operating points for 5 labels")
    }
  }

  /// A safetensors file as any program may write it: a length, a JSON header, the values.
  private func foreignSafetensors(_ tensors: [String: Tensor]) -> Data {
    var values = Data()
    let entries = tensors.map { name, tensor in
      let start = values.count
      tensor.withUnsafeBytes { values.append(contentsOf: $0) }
      return "\"\(name)\":{\"dtype\":\"\(tensor.dtype.rawValue)\","
        + "\"shape\":\(tensor.shape.dimensions),\"data_offsets\":[\(start),\(values.count)]}"
    }
    let header = Data("{\(entries.joined(separator: ","))}".utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    return length + header + values
  }
}
