// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ThirdPartyPlugin",
  platforms: [.macOS(.v15)],
  products: [.library(name: "TinyMobile", targets: ["TinyMobile"])],
  dependencies: [.package(name: "XRayZoo", path: "../..")],
  targets: [
    // A plugin needs the graph and the protocol, and no reader, decoder or engine.
    .target(
      name: "TinyMobile", dependencies: [.product(name: "XRayZooPluginKit", package: "XRayZoo")],
      resources: [.copy("manifest.json")]),
    .testTarget(
      name: "TinyMobileTests",
      dependencies: ["TinyMobile", .product(name: "XRayZoo", package: "XRayZoo")],
      resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
