import Foundation
import Testing

/// What PyTorch computes for optimizers, gradient clipping, batch normalisation and small networks.
struct ReferenceLayers: Decodable, Sendable {
  /// Row-major values.
  struct Tensor: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]
  }

  struct Named: Decodable, Sendable {
    let name: String
    let shape: [Int]
    let values: [Double]
  }

  struct Optimizer: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let optimizer: String
    let settings: [String: Setting]
    let parameters: [Tensor]
    /// The gradients given at each step, and the parameters after it.
    let gradients: [[Tensor]]
    let after: [[Tensor]]
    var testDescription: String { name }
  }

  /// A number, or a flag as 0 or 1.
  struct Setting: Decodable, Sendable {
    let value: Double
    var flag: Bool { value != 0 }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value = try (try? container.decode(Bool.self)).map { $0 ? 1 : 0 } ?? container.decode(Double.self)
    }
  }

  struct Clipping: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    /// "norm" (of all gradients together) or "value".
    let kind: String
    let limit: Double
    let gradients: [Tensor]
    let clipped: [Tensor]
    var testDescription: String { name }
  }

  struct BatchNormalization: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
      let input: Tensor
      let output: Tensor
      let runningMean: Tensor
      let runningVariance: Tensor
      let inference: Tensor
    }
    let name: String
    let keep: Double
    let unbiased: Bool
    let epsilon: Double
    let steps: [Step]
    var testDescription: String { name }
  }

  struct Network: Decodable, Sendable, CustomTestStringConvertible {
    struct Training: Decodable, Sendable {
      let learningRate: Double
      let momentum: Double
      let losses: [Double]
    }
    let name: String
    let layers: [String]
    let connectionTable: [[Int]]?
    let codes: Tensor?
    let j: Double?
    let input: Tensor
    let labels: Tensor
    let parameters: [Named]
    let output: Tensor
    let loss: Double
    let gradients: [Named]
    let inputGradient: Tensor
    let training: Training
    var testDescription: String { name }
  }

  let optimizers: [Optimizer]
  let clippings: [Clipping]
  let batchNormalizations: [BatchNormalization]
  let networks: [Network]

  /// The contents of `Fixtures/layers.json`.
  static func load() throws -> ReferenceLayers {
    let url = try #require(Bundle.module.url(forResource: "layers", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(ReferenceLayers.self, from: Data(contentsOf: url))
  }
}
