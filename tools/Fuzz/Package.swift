// swift-tools-version: 6.1
import PackageDescription

// Built by tools/fuzz, which adds the coverage instrumentation and libFuzzer on the command line.
let package = Package(
  name: "Fuzz",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "fuzz", targets: ["Fuzz"])],
  dependencies: [
    .package(name: "XRayZoo", path: "../.."),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: [
    .target(name: "CFuzz", linkerSettings: [.linkedLibrary("z")]),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzz", .product(name: "XRayZooFiles", package: "XRayZoo"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
