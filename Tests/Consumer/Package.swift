// swift-tools-version: 6.2
import PackageDescription

/// A program as a user would write it: it sees nothing of Ridgeline but its product.
let package = Package(
  name: "Consumer",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Ridgeline", path: "../..")],
  targets: [
    .executableTarget(name: "Consumer", dependencies: [.product(name: "Ridgeline", package: "Ridgeline")])
  ],
  swiftLanguageModes: [.v6]
)
