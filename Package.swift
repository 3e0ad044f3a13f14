// swift-tools-version: 6.1
import PackageDescription

// Architectures live under Plugins/, which SwiftPM reserves for build-tool plugins: as ordinary
// targets they must say their path.
// A plugin may be built on another one's layers.
func plugin(_ name: String, on base: String? = nil) -> Target {
  .target(
    name: "\(name)Plugin",
    dependencies: ["GraphIR", "ModelKit"] + (base.map { [.target(name: "\($0)Plugin")] } ?? []),
    path: "Plugins/\(name)", exclude: ["README.md"])
}

// Its own numbers are compared with PyTorch's, on weights that Swift and Python make alike.
func pluginTests(_ name: String) -> Target {
  .testTarget(
    name: "\(name)PluginTests",
    dependencies: [
      .target(name: "\(name)Plugin"), "GraphRuntime", "TestSupport", "PluginTestSupport",
    ],
    resources: [.copy("Fixtures")])
}

func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "XRayZoo",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "XRayZoo", targets: ["XRayZoo"]),
    .library(name: "XRayZooPluginKit", targets: ["GraphIR", "ModelKit"]),
    // The readers of weight files alone, without the engine.
    .library(name: "XRayZooFiles", targets: ["GraphIR", "Converter", "WeightFiles"]),
    .executable(name: "zoo", targets: ["ZooCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: [
    systemLibrary("CZip", pkgConfig: "libzip", apt: "libzip-dev", brew: "libzip"),
    systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
    systemLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
    systemLibrary(
      "CJPEG", pkgConfig: "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),
    systemLibrary(
      "CProtobufC", pkgConfig: "libprotobuf-c", apt: "libprotobuf-c-dev", brew: "protobuf-c"),
    .target(name: "CONNX", dependencies: ["CProtobufC"], exclude: ["onnx.proto"]),
    .target(name: "CImageCodecs", dependencies: ["CPNG", "CJPEG"]),
    .target(name: "CKernels"),

    .target(name: "GraphIR"),
    .target(
      name: "GraphRuntime", dependencies: ["GraphIR", "CKernels"],
      exclude: ["Performance.md"]),
    .target(name: "WeightFiles", dependencies: ["GraphIR", crypto], exclude: ["Format.md"]),
    .target(
      name: "Converter", dependencies: ["GraphIR", "CZip", "CZlib", "CONNX"],
      exclude: ["ONNX/Coverage.md", "ONNX/Networks.md"]),
    .target(name: "Imaging", dependencies: ["CImageCodecs"]),
    .target(name: "ModelKit", dependencies: ["GraphIR"], exclude: ["Manifest/Manifest.md"]),
    plugin("DenseNet"),
    plugin("JFHealthcare", on: "DenseNet"),
    plugin("CheXpert", on: "DenseNet"),
    .target(
      name: "ZooKit",
      dependencies: [
        "GraphIR", "GraphRuntime", "WeightFiles", "Converter", "Imaging", "ModelKit",
      ],
      exclude: ["Resources/demo.md"],
      resources: [
        // A link to the manifest at the top, which SwiftPM would not find outside the target.
        .embedInCode("weights-manifest.json"),
        .copy("Resources/demo.safetensors"),
      ]),
    .target(
      name: "XRayZoo",
      dependencies: [
        "ZooKit", "DenseNetPlugin", "JFHealthcarePlugin", "CheXpertPlugin",
      ]),
    .executableTarget(
      name: "ZooCLI",
      dependencies: [
        "XRayZoo", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "TestSupport", dependencies: ["GraphIR"], path: "Tests/TestSupport"),
    .target(
      name: "PluginTestSupport", dependencies: ["ModelKit", "GraphRuntime", "TestSupport"],
      path: "Tests/PluginTestSupport"),
    pluginTests("DenseNet"),
    pluginTests("JFHealthcare"),
    pluginTests("CheXpert"),
    .testTarget(
      name: "GraphIRTests", dependencies: ["GraphIR", "TestSupport"], resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "GraphRuntimeTests",
      dependencies: ["GraphRuntime", "CKernels", "Converter", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ConverterTests", dependencies: ["Converter", "GraphIR", "CONNX"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ONNXTests", dependencies: ["Converter", "GraphIR", "ZooKit", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "WeightFilesTests", dependencies: ["WeightFiles"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "FuzzTests", dependencies: ["Converter", "GraphIR", "WeightFiles"],
      resources: [.copy("Findings")]),
    .testTarget(
      name: "ModelKitTests", dependencies: ["ModelKit"], resources: [.copy("Fixtures")]),
    .target(
      name: "ZooFixtures", path: "Tests/ZooFixtures", exclude: ["README.md"],
      resources: [.copy("Files")]),
    .testTarget(
      name: "ZooKitTests", dependencies: ["XRayZoo", "CONNX", "TestSupport", "ZooFixtures"]),
    // The executable, so that it is built: its tests run it as a process.
    .testTarget(name: "ZooCLITests", dependencies: ["ZooCLI", "ZooFixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
