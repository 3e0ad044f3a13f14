import Converter
import GraphIR
import Testing

/// Which extents are open, and what nodes do with those that are.
struct ONNXExportShapeTests {
  @Test func sizeIsFixedWhereALayerDependsOnIt() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 2, 4, 4])
    let flat = net.builder.reshape(image, to: [1, 32], label: "flat")
    net.builder.endpoint(
      "logits",
      net.builder.linear(
        flat, weight: net.weight("w", [3, 32]), bias: net.weight("b", [3]), label: "linear"))
    let model = try net.parsed()
    #expect(model.inputs["image"] == ["batch", "2", "4", "4"])
    #expect(model.outputs[0].extents == ["batch", "3"])
    // 0 keeps the batch, whatever it is.
    #expect(try model.integers("flat/shape") == [0, 32])
  }

  @Test func sizeIsFixedWherePixelsAreLookedUp() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 1, 4, 3])
    net.builder.endpoint(
      "small",
      net.builder.resize(
        image, .nearest, to: .size(Size2D(height: 3, width: 5)), label: "resize"))
    let model = try net.parsed()
    #expect(model.inputs["image"] == ["batch", "1", "4", "3"])
    // torch.nn.functional.interpolate's rows: floor(y * 4 / 3), floor(x * 3 / 5).
    #expect(try model.integers("resize/before") == [0, 1, 2])
    #expect(try model.integers("resize/before_2") == [0, 0, 1, 1, 2])
  }

  @Test func sizeStaysOpenWhereAMapIsAlwaysTheSame() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 2, 8, 8])
    let mean = net.builder.reduction(.mean, image, axes: [2, 3], label: "mean")
    net.builder.endpoint(
      "map", net.builder.resize(mean, .nearest, to: .size(5), label: "resize"))
    let model = try net.parsed()
    #expect(model.inputs["image"] == ["batch", "2", "height", "width"])
    #expect(model.outputs[0].extents == ["batch", "2", "5", "5"])
    #expect(try model.integers("resize/before") == [0, 0, 0, 0, 0])
  }

  @Test func inputsOfOneShapeKeepIt() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 3, 5])
    net.builder.endpoint("y", net.builder.unary(.relu, x, label: "relu"))
    #expect(try net.parsed().inputs["x"] == ["batch", "3", "5"])
  }

  @Test func batchIsFixedWhereImagesMeet() throws {
    var net = ExportCase()
    let image = net.image("image", [1, 2, 8, 8])
    net.builder.endpoint("sum", net.builder.reduction(.sum, image, axes: [0], label: "sum"))
    let model = try net.parsed()
    #expect(model.inputs["image"] == ["1", "2", "height", "width"])
    #expect(model.outputs[0].extents == ["1", "2", "sum_height", "sum_width"])
  }

  @Test func batchOfNoneIsFixed() throws {
    var net = ExportCase()
    let x = net.exact("x", [2, 0, 3])
    net.builder.endpoint("y", net.builder.reshape(x, to: [2, 3, 0], label: "reshape"))
    let model = try net.parsed()
    #expect(model.inputs["x"] == ["2", "0", "3"])
    #expect(
      model.initializers["reshape/empty"]
        == .init(type: 1, dims: [2, 3, 0], bytes: [], external: [:]))
  }

  @Test func constantsJoinEveryImageOfABatch() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 4, 3])
    let token = net.weight("token", [1, 1, 3])
    let first = net.builder.concatenation([token, x], axis: 1, label: "cat")
    net.builder.endpoint(
      "y", net.builder.concatenation([first, token], axis: 1, label: "again"))
    let model = try net.parsed()
    #expect(model.outputs[0].extents == ["batch", "6", "3"])
    #expect(
      model.ops == [
        "Shape", "Gather axis=0", "Concat axis=0", "Expand", "Concat axis=1", "Concat axis=0",
        "Expand", "Concat axis=1",
      ])
    #expect(try model.integers("cat/ones") == [1, 1])
  }

  @Test func rowsBehindTheFirstAreSlicedBackwards() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 5])
    net.builder.endpoint(
      "y", net.builder.slice(x, starts: [0, 4], extents: [1, 5], steps: [1, -1], label: "slice"))
    let model = try net.parsed()
    #expect(try model.integers("slice/starts") == [4])
    // By ONNX's rule any end below minus the extent stands for the place before the first.
    #expect(try model.integers("slice/ends") == [Int(Int32.min)])
    #expect(try model.integers("slice/axes") == [1])
    #expect(try model.integers("slice/steps") == [-1])
  }

  @Test func stepsOfOneElementDoNotCount() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 5, 4])
    net.builder.endpoint(
      "y",
      net.builder.slice(
        x, starts: [0, 4, 0], extents: [1, 1, 1], steps: [1, Int.max, Int.min], label: "slice"))
    let model = try net.parsed()
    #expect(try model.integers("slice/ends") == [5, 1])
    #expect(try model.integers("slice/steps") == [1, 1])
  }

  @Test func paddingIsLookedUpAsNumPyPads() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 3, 4])
    let mirrored = net.builder.pad(
      x, before: [0, 0, 2], after: [0, 0, 5], .reflect, label: "mirror")
    net.builder.endpoint(
      "y", net.builder.pad(mirrored, before: [0, 4, 0], after: [0, 1, 0], .wrap, label: "wrap"))
    let model = try net.parsed()
    // numpy.pad(numpy.arange(4), (2, 5), "reflect") and numpy.pad(numpy.arange(3), (4, 1), "wrap").
    #expect(try model.integers("mirror/places") == [2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2])
    #expect(try model.integers("wrap/places") == [2, 0, 1, 2, 0, 1, 2, 0])
  }

  @Test func constantIndicesAreClampedAtOnce() throws {
    var net = ExportCase()
    let x = net.exact("x", [1, 4])
    let indices = net.builder.constant(
      Tensor(shape: [5], [-1, -9, 9, .nan, 2.5]), label: "i")
    net.builder.endpoint("y", net.builder.gather(x, indices: indices, axis: 1, label: "take"))
    #expect(try net.parsed().integers("take/indices") == [3, 0, 3, 0, 2])
  }

  @Test func meansOverDilatedWindowsNeedALaterOperatorSet() throws {
    var net = ExportCase()
    let image = net.image()
    let mean = net.builder.pooling(
      .average, image, window: 2, WindowGeometry(dilation: 2), label: "mean")
    net.builder.endpoint("y", mean)
    #expect(
      throws: ONNXExportError.needsOpset(
        19, node: "mean", what: "a mean over a dilated window")
    ) { _ = try net.export(opset: 18) }
  }
}
