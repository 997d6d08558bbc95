// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target sees only what it declares: an import of an undeclared room does not compile.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let realModule: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// A room of the house, with its DocC catalogue in its own folder.
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: "\(name)Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "Ridgeline",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Ridgeline", targets: ["Ridgeline"]),
    .library(name: "RidgelineStudies", targets: ["Studies", "Figures"]),
    .executable(name: "ridgeline", targets: ["RidgelineCommand"]),
    .executable(name: "ridgeline-hdf5", targets: ["HDF5Reader"]),
    .executable(name: "compare-initializers", targets: ["InitializerComparison"]),
    .executable(name: "regression-timing", targets: ["RegressionTiming"]),
    .executable(name: "clustering-timing", targets: ["ClusteringTiming"]),
    .executable(name: "convolution-timing", targets: ["ConvolutionTiming"]),
    .executable(name: "network-parity", targets: ["NetworkParity"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CLibzip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(
      name: "CImageCodecs", dependencies: ["CPNG", "CJPEG"],
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .target(name: "CKernels"),
    .target(name: "CAllocationCounter"),

    room("BLAS", ["COpenBLAS", "CKernels", realModule]),
    room("Kernels", ["BLAS", "CKernels"]),
    room("Tensors", ["BLAS", "Kernels", realModule]),
    room("Autodiff", ["Tensors", "Kernels", "BLAS"]),
    room("NeuralNetworks", ["Autodiff", "Tensors", "BLAS"]),
    room("Datasets", ["Tensors", "BLAS", "CZlib", "CImageCodecs"]),
    room("Training", ["NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS"]),
    room("Models", ["Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS"]),
    room(
      "Interchange",
      ["Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS", "CLibzip", "CZlib"]),
    room("LinearModels", ["Tensors", "BLAS", realModule]),
    room(
      "FeatureLearning",
      [
        "LinearModels", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS", realModule,
      ]),
    room(
      "Studies",
      [
        "FeatureLearning", "LinearModels", "Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors",
        "BLAS", realModule,
      ]),
    room("Figures", ["Studies", "Training", "Tensors"]),
    room(
      "Ridgeline",
      [
        "FeatureLearning", "LinearModels", "Interchange", "Models", "Training", "NeuralNetworks", "Datasets",
        "Autodiff",
        "Tensors", "BLAS",
      ]),

    room("Terminal", [argumentParser]),

    // A process of its own for a library that is not safe on hostile files.
    .executableTarget(name: "HDF5Reader", dependencies: ["CHDF5"]),

    .executableTarget(
      name: "RidgelineCommand",
      dependencies: [
        "Ridgeline", "LinearModels", "Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS",
        "Studies", "Figures", "Terminal", "CAllocationCounter",
        argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "InitializerComparison",
      dependencies: ["Studies", "Figures", "NeuralNetworks", "BLAS", "Terminal", argumentParser],
      path: "Benchmarks/InitializerComparison", swiftSettings: strict),
    .executableTarget(
      name: "RegressionTiming", dependencies: ["LinearModels", "BLAS", argumentParser],
      path: "Benchmarks/RegressionTiming", swiftSettings: strict),
    .executableTarget(
      name: "ClusteringTiming", dependencies: ["FeatureLearning", "Datasets", "Tensors", "BLAS", argumentParser],
      path: "Benchmarks/ClusteringTiming", swiftSettings: strict),
    .executableTarget(
      name: "ConvolutionTiming", dependencies: ["Kernels", "Tensors", "BLAS", argumentParser],
      path: "Benchmarks/ConvolutionTiming", swiftSettings: strict),
    .executableTarget(
      name: "NetworkParity", dependencies: ["Models", "NeuralNetworks", "Autodiff", "Tensors", "BLAS", argumentParser],
      path: "Benchmarks/NetworkParity", swiftSettings: strict),

    tests("BLAS", ["BLAS", "CKernels"]),
    tests("Kernels", ["Kernels", "BLAS", "CKernels"]),
    tests("Tensors", ["Tensors", "BLAS"], resources: [.copy("Fixtures")]),
    tests("Autodiff", ["Autodiff", "Tensors", "BLAS", "CAllocationCounter"], resources: [.copy("Fixtures")]),
    tests("NeuralNetworks", ["NeuralNetworks", "Autodiff", "Tensors", "BLAS"], resources: [.copy("Fixtures")]),
    tests("Datasets", ["Datasets", "Tensors", "BLAS"], resources: [.copy("Fixtures")]),
    tests("Training", ["Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS", "CAllocationCounter"]),
    tests("Models", ["Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS"]),
    tests(
      "Interchange",
      ["Interchange", "Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS"],
      resources: [.copy("Fixtures")]),
    tests(
      "LinearModels", ["LinearModels", "NeuralNetworks", "Autodiff", "Tensors", "BLAS"], resources: [.copy("Fixtures")]),
    tests(
      "FeatureLearning",
      [
        "FeatureLearning", "LinearModels", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS",
      ],
      resources: [.copy("Fixtures")]),
    tests(
      "Studies",
      ["Studies", "FeatureLearning", "LinearModels", "NeuralNetworks", "Datasets", "Tensors", "BLAS", realModule]),
    tests("Figures", ["Figures", "Studies", "FeatureLearning", "Training", "Datasets", "Tensors", "BLAS"]),
    .executableTarget(
      name: "AllocationProbe",
      dependencies: [
        "CAllocationCounter", "Models", "Training", "NeuralNetworks", "Datasets", "Autodiff", "Tensors", "BLAS",
      ],
      path: "Tests/AllocationProbe", swiftSettings: strict),
    tests(
      "RidgelineCommand",
      ["RidgelineCommand", "InitializerComparison", "AllocationProbe", "Interchange", "Datasets", "Tensors"],
      resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
