// swift-tools-version: 6.1
import PackageDescription

// Architectures live under Plugins/, which SwiftPM reserves for build-tool plugins: as ordinary
// targets they must say their path.
func plugin(_ name: String) -> Target {
  .target(
    name: "\(name)Plugin", dependencies: ["GraphIR", "ModelKit"], path: "Plugins/\(name)",
    exclude: ["README.md"])
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
    .target(name: "CImageCodecs", dependencies: ["CPNG", "CJPEG"]),
    .target(name: "CKernels"),

    .target(name: "GraphIR"),
    .target(
      name: "GraphRuntime", dependencies: ["GraphIR", "CKernels"],
      exclude: ["Performance.md"]),
    .target(name: "WeightFiles", dependencies: ["GraphIR", crypto], exclude: ["Format.md"]),
    .target(name: "Converter", dependencies: ["GraphIR", "CZip", "CZlib"]),
    .target(name: "Imaging", dependencies: ["CImageCodecs"]),
    .target(name: "ModelKit", dependencies: ["GraphIR"], exclude: ["Manifest/Manifest.md"]),
    plugin("DenseNet"),
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
    .target(name: "XRayZoo", dependencies: ["ZooKit", "DenseNetPlugin"]),
    .executableTarget(
      name: "ZooCLI",
      dependencies: [
        "XRayZoo", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "TestSupport", dependencies: ["GraphIR"], path: "Tests/TestSupport"),
    .testTarget(
      name: "DenseNetPluginTests", dependencies: ["DenseNetPlugin", "GraphRuntime", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "GraphIRTests", dependencies: ["GraphIR", "TestSupport"], resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "GraphRuntimeTests", dependencies: ["GraphRuntime", "CKernels", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ConverterTests", dependencies: ["Converter", "GraphIR"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "WeightFilesTests", dependencies: ["WeightFiles"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ModelKitTests", dependencies: ["ModelKit"], resources: [.copy("Fixtures")]),
    .target(
      name: "ZooFixtures", path: "Tests/ZooFixtures", exclude: ["README.md"],
      resources: [.copy("Files")]),
    .testTarget(name: "ZooKitTests", dependencies: ["XRayZoo", "TestSupport", "ZooFixtures"]),
    // The executable, so that it is built: its tests run it as a process.
    .testTarget(name: "ZooCLITests", dependencies: ["ZooCLI", "ZooFixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
