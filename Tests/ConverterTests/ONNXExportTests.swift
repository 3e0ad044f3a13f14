import Converter
import GraphIR
import Testing

/// What stands in a written file, read back with protobuf-c.
struct ONNXExportTests {
  /// A small network with every kind of name in it.
  private func network() -> ExportCase {
    var net = ExportCase()
    let image = net.image()
    let convolved = net.builder.convolution(
      image, weight: net.weight("conv.weight", [4, 2, 3, 3]), bias: net.weight("conv.bias", [4]),
      WindowGeometry(stride: 2, padding: 1), label: "conv")
    let normed = net.builder.batchNorm(
      convolved, gamma: net.weight("norm.weight", [4]), beta: net.weight("norm.bias", [4]),
      mean: net.weight("norm.mean", [4]), variance: net.weight("norm.variance", [4]),
      epsilon: 0.5, label: "norm")
    let activated = net.builder.unary(.relu, normed, label: "norm.relu")
    let features = net.builder.spatialMean(activated, label: "pool")
    let logits = net.builder.linear(
      features, weight: net.weight("head.weight", [3, 4]), bias: net.weight("head.bias", [3]),
      label: "head")
    net.builder.endpoint("featureMap", normed)
    net.builder.endpoint("features", features)
    net.builder.endpoint("logits", logits)
    return net
  }

  @Test func nodesAreNamedByLabelsAndOutputsByEndpoints() throws {
    let model = try network().parsed(outputs: ["logits", "features", "featureMap"])
    typealias Node = ParsedModel.Node
    #expect(
      model.nodes == [
        Node(
          op: "Conv", name: "conv", inputs: ["image", "conv.weight", "conv.bias"],
          outputs: ["conv"],
          attributes: ["dilations=[1, 1]", "group=1", "pads=[1, 1, 1, 1]", "strides=[2, 2]"]),
        Node(
          op: "BatchNormalization", name: "norm",
          inputs: ["conv", "norm.weight", "norm.bias", "norm.mean", "norm.variance"],
          outputs: ["featureMap"], attributes: ["epsilon=0.5"]),
        Node(
          op: "Relu", name: "norm.relu", inputs: ["featureMap"], outputs: ["norm.relu"],
          attributes: []),
        Node(
          op: "GlobalAveragePool", name: "pool/GlobalAveragePool", inputs: ["norm.relu"],
          outputs: ["pool/GlobalAveragePool"], attributes: []),
        Node(
          op: "Flatten", name: "pool", inputs: ["pool/GlobalAveragePool"], outputs: ["features"],
          attributes: ["axis=1"]),
        Node(
          op: "Gemm", name: "head", inputs: ["features", "head.weight", "head.bias"],
          outputs: ["logits"], attributes: ["transB=1"]),
      ])
    #expect(model.outputs.map(\.name) == ["logits", "features", "featureMap"])
    #expect(model.outputs.map(\.type) == [1, 1, 1])
    #expect(model.inputs == ["image": ["batch", "2", "height", "width"]])
    #expect(
      model.outputs.map(\.extents) == [
        ["batch", "3"], ["batch", "4"],
        ["batch", "4", "featureMap_height", "featureMap_width"],
      ])
  }

  @Test func weightsAreWrittenAsTheyAre() throws {
    let net = network()
    let model = try net.parsed()
    #expect(Set(model.initializers.keys) == Set(net.weights.keys))
    for (name, tensor) in net.weights {
      let written = try #require(model.initializers[name])
      #expect(
        written
          == .init(type: 1, dims: tensor.shape.dimensions, bytes: tensor.bytes, external: [:]))
    }
  }

  @Test func fileSaysWhatItIs() throws {
    // The versions of the file format that onnx.helper gives for these operator sets.
    for (opset, irVersion) in [(13, 7), (14, 7), (15, 8), (17, 8), (18, 8), (19, 9), (20, 9)]
      + [(21, 10), (22, 10), (23, 11)]
    {
      let model = try network().parsed(opset: opset)
      #expect(model.opsets == ["": opset])
      #expect(model.irVersion == irVersion)
    }
    let model = try network().parsed()
    #expect(model.producer == "XRayZoo")
    #expect(model.graphName == "net")
    #expect(model.documentation == "how to")
    #expect(model.metadata == ["key": "value"])
  }

  @Test func whatOutputsDoNotNeedIsLeftOut() throws {
    let model = try network().parsed(outputs: ["features"])
    #expect(model.nodes.last?.name == "pool")
    #expect(model.initializers["head.weight"] == nil)
    #expect(model.initializers.count == 6)
  }

  @Test func sameGraphGivesSameBytes() throws {
    let first = try network().export().file().bytes()
    for _ in 0..<3 { #expect(try network().export().file().bytes() == first) }
  }

  @Test func sizeCanBeFixed() throws {
    let model = try network().parsed(fixesSize: true)
    #expect(model.inputs == ["image": ["batch", "2", "8", "6"]])
    #expect(model.outputs.first?.extents == ["batch", "4", "4", "3"])
  }

  @Test func otherTypesAreKeptAndCast() throws {
    for (dtype, type) in [
      (DType.float16, 10), (.bfloat16, 16), (.float64, 11), (.int32, 6), (.uint8, 2),
    ] {
      let tensor = Tensor(
        dtype: dtype, shape: [3],
        storage: ByteStorage(count: 3 * dtype.byteWidth) { memory in
          for index in memory.indices { memory[index] = UInt8(index % 64) }
        })
      var net = ExportCase()
      let image = net.image("image", [1, 3, 4, 4])
      let mean = net.builder.spatialMean(image, label: "mean")
      net.builder.endpoint(
        "sum", net.builder.binary(.add, mean, net.weight("w", tensor), label: "sum"))
      let model = try net.parsed()
      let written = try #require(model.initializers["w"])
      #expect(written.type == type && written.bytes == tensor.bytes && written.dims == [3])
      #expect(model.ops == ["GlobalAveragePool", "Flatten axis=1", "Cast to=1", "Add"])
      #expect(model.nodes.last?.inputs == ["mean", "w/Cast"])
      #expect(model.nodes[2].inputs == ["w"])
    }
  }

  @Test func float8IsWidenedBeforeOnnxHasIt() throws {
    // 1, -2 and 0.5 in both formats of OCP's 8-bit floating point specification.
    for (dtype, type, bytes) in [
      (DType.float8e4m3, 17, [0x38, 0xc0, 0x30]), (.float8e5m2, 19, [0x3c, 0xc0, 0x38]),
    ] as [(DType, Int, [UInt8])] {
      let storage = ByteStorage(count: 3) { $0.copyBytes(from: bytes) }
      var net = ExportCase()
      let image = net.image("image", [1, 3, 4, 4])
      let mean = net.builder.spatialMean(image, label: "mean")
      let weight = net.weight("w", Tensor(dtype: dtype, shape: [3], storage: storage))
      net.builder.endpoint("sum", net.builder.binary(.add, mean, weight, label: "sum"))
      let old = try #require(try net.parsed(opset: 18).initializers["w"])
      #expect(old.type == 1)
      #expect(old.bytes == Tensor(shape: [3], [1, -2, 0.5]).bytes)
      let new = try #require(try net.parsed(opset: 19).initializers["w"])
      #expect(new.type == type && new.bytes == bytes)
    }
  }

  // MARK: - Two files

  @Test func weightsBeyondTheLimitGoToASecondFile() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 64, 4, 4])
    let convolved = net.builder.convolution(
      image, weight: net.weight("large", [48, 64, 1, 1]), bias: net.weight("small", [48]),
      label: "conv")
    let second = net.builder.convolution(
      convolved, weight: net.weight("second", [16, 48, 1, 1]), label: "second.conv")
    net.builder.endpoint("map", second)
    let export = try net.export()
    let whole = try export.file()
    #expect(whole.externalByteCount == nil)
    #expect(try whole.externalBytes().isEmpty)
    // At the limit one file will do, a byte below it does not.
    #expect(try export.file(largestFile: whole.byteCount).externalByteCount == nil)
    let file = try export.file(largestFile: whole.byteCount - 1)
    let model = try ParsedModel(file.bytes())
    let data = try file.externalBytes()
    // The first takes 12,288 bytes, three pages; the second begins behind them.
    #expect(
      model.initializers["large"]?.external
        == ["location": "net.onnx.data", "offset": "0", "length": "12288"])
    #expect(
      model.initializers["second"]?.external
        == ["location": "net.onnx.data", "offset": "12288", "length": "3072"])
    #expect(model.initializers["large"]?.bytes == nil)
    #expect(model.initializers["small"]?.bytes == net.weights["small"]?.bytes)
    #expect(Array(data[..<12288]) == net.weights["large"]?.bytes)
    #expect(Array(data[12288...]) == net.weights["second"]?.bytes)
    #expect(model.nodes == (try ParsedModel(whole.bytes())).nodes)
  }

  @Test func secondFileIsPaddedToPages() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 20, 4, 4])
    let a = net.weight("a", [20, 20, 1, 1])
    let b = net.weight("b", [20, 20, 1, 1])
    let first = net.builder.convolution(image, weight: a, label: "first")
    net.builder.endpoint("map", net.builder.convolution(first, weight: b, label: "last"))
    let file = try net.export().file(largestFile: 3000)
    let data = try file.externalBytes()
    let model = try ParsedModel(file.bytes())
    #expect(model.initializers["b"]?.external["offset"] == "4096")
    #expect(data[1600..<4096].allSatisfy { $0 == 0 })
    #expect(Array(data[4096...]) == net.weights["b"]?.bytes)
  }
}
