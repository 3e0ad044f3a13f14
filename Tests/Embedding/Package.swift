// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Embedding",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "XRayZoo", path: "../..")],
  targets: [
    .executableTarget(
      name: "Embedding", dependencies: [.product(name: "XRayZoo", package: "XRayZoo")])
  ],
  swiftLanguageModes: [.v6]
)
