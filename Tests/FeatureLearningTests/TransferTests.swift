import Autodiff
import BLAS
import Datasets
import FeatureLearning
import LinearModels
import NeuralNetworks
import Foundation
import Tensors
import Testing
import Training

@Suite("Features and transfer")
struct TransferTests {
  static let network = Sequential {
    Conv2D(3, kernel: 3, activation: .tanh, name: "c1")
    Flatten()
    Sequential(name: "top") {
      Dense(6, activation: .tanh, name: "hidden")
      Dense(3, name: "output")
    }
  }

  static func trainer(seed: UInt64 = 1) throws -> Trainer { try Trainer(network, input: [6, 6, 1], seed: seed) }

  static let images: Tensor<Float> = (clouds(37, 36, centers: 3, spread: 1, seed: 3) as Tensor<Float>)
    .reshaped(to: [37, 6, 6, 1])

  @Test("Features of a set, of a tensor and of one batch are the layer's outputs, and means are those of the maps")
  func features() throws {
    let trainer = try Self.trainer()
    let outputs = try trainer.outputs(of: "c1", for: Self.images)
    let rows = try trainer.features(at: "c1", of: Self.images, batch: 10)
    #expect(rows.shape == [37, 48] && rows.elements == outputs.elements)
    let data = try TensorDataset(inputs: Self.images, targets: Tensor([37], (0..<37).map { Float($0 % 3) }))
    let (streamed, targets) = try trainer.features(at: "c1", of: data, batch: 8)
    #expect(streamed == rows && targets == data.targets.elements)
    let means = try trainer.features(at: "c1", of: Self.images, pooling: .mean)
    #expect(means.shape == [37, 3])
    for example in 0..<37 {
      for map in 0..<3 {
        let mean = (0..<16).reduce(Float(0)) { $0 + outputs.elements[example * 48 + $1 * 3 + map] } / 16
        #expect(abs(means[example, map] - mean) < 1e-6)
      }
    }
    #expect(try trainer.features(at: "top.output", of: Self.images) == trainer.predict(Self.images))
    #expect(throws: TrainingError.self) { try trainer.features(at: "c2", of: Self.images) }
  }

  @Test("A new head keeps its name and place, and only it is drawn anew")
  func head() throws {
    #expect(try Self.network.headName() == "top.output")
    let source = try Self.trainer()
    let target = try Transfer(Self.network, weights: source.weights)
      .trainer(.fineTuned(decay: 0.5), classes: 5, input: [6, 6, 1], seed: 9)
    #expect(target.outputCount == 5 && target.variableNames == source.variableNames)
    for name in source.variableNames {
      #expect(
        (target.weights[name] == source.weights[name]) == !name.hasPrefix("top.output.kernel") || name.hasSuffix("bias")
      )
    }
    #expect(target.weights["top.output.kernel"]?.shape == [6, 5])
    #expect(throws: TransferError.noHead) { try Sequential { Flatten() }.headName() }
    #expect(throws: TransferError.classCount(0)) { try Self.network.replacingHead(classes: 0) }
    var weights = source.weights
    weights["c1.kernel"] = nil
    #expect(throws: TransferError.weights(name: "c1.kernel", expected: [3, 3, 1, 3], found: nil)) {
      try Transfer(Self.network, weights: weights)
        .trainer(.frozen(through: nil), classes: 2, input: [6, 6, 1], seed: 0)
    }
  }

  @Test("The head is the last layer with parameters, wherever it stands; anything else is a typed error")
  func heads() throws {
    let nested = Sequential {
      Dense(4)
      Sequential {
        Dense(3)
        Sequential { Dense(2) }
      }
      Sequential { Dropout(0.5) }
      Activation(.tanh)
    }
    #expect(try nested.headName() == "block1.block1.dense1")
    let names = try nested.replacingHead(classes: 7).layerNames
    #expect(names == nested.layerNames)
    let trainer = try Transfer(nested, weights: try Trainer(nested, input: [5], seed: 1).weights)
      .trainer(.frozen(through: nil), classes: 7, input: [5], seed: 2)
    #expect(trainer.outputCount == 7)
    let unnamed = Sequential {
      Sequential { Dense(3) }
      Sequential { Dropout(0.5) }
      Sequential {
        Dense(3)
        Dense(2)
      }
    }
    #expect(try unnamed.headName() == "block3.dense2")
    let branches = Sequential {
      Dense(4)
      Branches(merging: .sum) {
        Dense(2)
        Dense(2)
      }
    }
    #expect(throws: TransferError.headIsNotDense(layer: "branches1.dense2")) { try branches.headName() }
    let convolution = Sequential {
      Flatten()
      Dense(4)
      BatchNormalization()
    }
    #expect(throws: TransferError.headIsNotDense(layer: "batchnorm1")) { try convolution.replacingHead(classes: 2) }
  }

  @Test("Frozen layers keep their bits; the others move, and the slower ones less")
  func frozen() throws {
    let data = try TensorDataset(
      inputs: Self.images, targets: Tensor([37], (0..<37).map { Float($0 % 4) }), classNames: ["a", "b", "c", "d"])
    let source = try Self.trainer()
    let transfer = Transfer(Self.network, weights: source.weights)
    func moved(_ method: TransferMethod) throws -> Set<String> {
      let trainer = try transfer.trainer(method, classes: 4, input: [6, 6, 1], seed: 2)
      let before = trainer.weights
      try trainer.fit(data, epochs: 2, batch: 8)
      return Set(trainer.weights.keys.filter { trainer.weights[$0] != before[$0] })
    }
    #expect(try moved(.frozen(through: nil)) == ["top.output.kernel", "top.output.bias"])
    #expect(try moved(.frozen(through: "c1")).contains("top.hidden.kernel"))
    #expect(try !moved(.frozen(through: "c1")).contains("c1.kernel"))
    #expect(try moved(.scratch).count == 6)
    #expect(try moved(.fineTuned(decay: 0.1)).count == 6)
    #expect(
      DiscriminativeRates.factors(variableNames: source.variableNames, decay: 0.5)
        == ["c1": 0.25, "top.hidden": 0.5, "top.output": 1])
    #expect(try Self.network.freezing(depth: 2).frozen == ["c1", "flatten1"])
    #expect(throws: NetworkError.self) { try Self.network.freezing(through: "c9") }
  }

  @Test("Linear probes separate clouds, by ridge and by logistic regression")
  func probes() throws {
    let x: Tensor<Float> = clouds(300, 5, centers: 3, spread: 0.2, seed: 2)
    let labels = try KMeans(k: 3, starts: 4).fit(x, generator: RandomGenerator(seed: 1)).labels
    for method in [LinearProbe.Method.ridge(.rss(0.1)), .logistic(.rss(0.1))] {
      let probe = try LinearProbe.fit(x, labels: labels, classes: 3, method)
      #expect(try zip(probe.predict(x), labels).count { $0 != $1 } <= 15)
    }
    #expect(throws: FeatureLearningError.self) {
      try LinearProbe.fit(x, labels: [Int](repeating: 0, count: 300), classes: 2, .ridge(.rss(1)))
    }
  }

  @Test("Examples are drawn evenly and without repetition")
  func draws() throws {
    var generator = RandomGenerator(seed: 4)
    let labels = (0..<40).map { $0 % 4 }
    let drawn = try drawExamples(perClass: 6, labels: labels, classes: 4, generator: &generator)
    #expect(Set(drawn).count == 24 && drawn.map { labels[$0] } == (0..<24).map { $0 / 6 })
    #expect(throws: TransferError.tooFewExamples(class: 0, expected: 11, found: 10)) {
      try drawExamples(perClass: 11, labels: labels, classes: 4, generator: &generator)
    }
  }

  @Test("A probe's strength is that of the least error without the example predicted, found by leaving each out")
  func leaveOneOut() throws {
    let (rows, columns, classes) = (24, 40, 3)
    var generator = RandomGenerator(seed: 5)
    let places = (0..<classes * columns).map { _ in 0.3 * generator.normal() }
    func draw(_ labels: [Int]) -> Tensor<Float> {
      var elements: [Float] = []
      for label in labels {
        for column in 0..<columns { elements.append(Float(places[label * columns + column] + generator.normal())) }
      }
      return Tensor([labels.count, columns], elements)
    }
    let labels = (0..<rows).map { $0 % classes }
    let features = draw(labels)
    let settings = RegressionSettings(standardisation: .none)
    func targets(_ labels: [Int]) -> Matrix<Double> {
      var y = Matrix<Double>(rows: labels.count, columns: classes, repeating: -1)
      for (row, label) in labels.enumerated() { y[row, label] = 1 }
      return y
    }
    func design(_ tensor: Tensor<Float>, _ rows: [Int]) throws -> DesignMatrix {
      let elements = rows.flatMap { tensor.elements[$0 * columns..<($0 + 1) * columns].map(Double.init) }
      return try DesignMatrix(Matrix(rows: rows.count, columns: columns, elements: elements))
    }
    var spread = 0.0
    for column in 0..<columns {
      let values = (0..<rows).map { Double(features.elements[$0 * columns + column]) }
      let mean = values.reduce(0, +) / Double(rows)
      spread += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
    }
    func error(_ lambda: Lambda) throws -> Double {
      try (0..<rows).reduce(0) { sum, left in
        let kept = (0..<rows).filter { $0 != left }
        let fit = try MultiResponseRidge(lambda: lambda, settings: settings)
          .fit(design(features, kept), targets(kept.map { labels[$0] }))
        let prediction = try fit.predict(design(features, [left]))
        return sum
          + (0..<classes).reduce(0) { total, label in
            let gap = prediction[0, label] - (label == labels[left] ? 1 : -1)
            return total + gap * gap
          }
      }
    }
    let lambdas = (0...21).map { Lambda.rss(spread * pow(10, Double($0) / 3 - 5)) }
    let errors = try lambdas.map(error)
    let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
    let others = draw((0..<400).map { $0 % classes })
    func answers(_ lambda: Lambda) throws -> [Int] {
      let fit = try MultiResponseRidge(lambda: lambda, settings: settings)
        .fit(design(features, Array(0..<rows)), targets(labels))
      let scores = try fit.predict(design(others, Array(0..<400)))
      return (0..<400).map { row in
        (0..<classes).reduce(0) { scores[row, $1] > scores[row, $0] ? $1 : $0 }
      }
    }
    let probe = try LinearProbe.fit(features, labels: labels, classes: classes, .ridgeByLeaveOneOut)
    #expect(try probe.predict(others) == answers(lambdas[best]))
    // Other lambdas answer otherwise somewhere, so that another choice would be seen.
    #expect(try answers(lambdas[0]) != answers(lambdas[21]))
    // Features that are all alike still give an answer.
    let same = Tensor<Float>([6, 2], repeating: 1)
    #expect(
      try LinearProbe.fit(same, labels: [0, 1, 2, 0, 1, 0], classes: 3, .ridgeByLeaveOneOut).predict(same) == [
        0, 0, 0, 0, 0, 0,
      ])
  }
}
