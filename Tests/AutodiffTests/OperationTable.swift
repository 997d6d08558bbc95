import Autodiff
import BLAS
import Tensors
import Testing

/// An operation on given operands, for comparing its derivatives with central differences.
struct OperationCase: Sendable, CustomTestStringConvertible {
  let name: String
  let operands: [Tensor<Double>]
  /// How many of the operands are differentiated; the rest are indices.
  let differentiated: Int
  let build: @Sendable ([Node<Double>]) -> Node<Double>

  var testDescription: String { name }

  init(
    _ name: String, _ operands: [Tensor<Double>], differentiated: Int? = nil,
    _ build: @escaping @Sendable ([Node<Double>]) -> Node<Double>
  ) {
    self.name = name
    self.operands = operands
    self.differentiated = differentiated ?? operands.count
    self.build = build
  }

  /// One operand of each of `shapes`.
  init(
    _ name: String, shapes: [Shape], _ build: @escaping @Sendable ([Node<Double>]) -> Node<Double>
  ) {
    self.init("\(name) of \(shapes)", shapes.enumerated().map { distinct($1, "\(name) \($0)") }, build)
  }

  static let all = functions + arithmetic + shaping + matrices + images + losses

  static let functions: [OperationCase] = {
    let shapes: [Shape] = [[], [5], [2, 3]]
    let anywhere: [(String, @Sendable (Node<Double>) -> Node<Double>)] = [
      ("negation", { -$0 }), ("abs", { abs($0) }), ("square", { square($0) }), ("exp", { exp($0) }),
      ("tanh", { tanh($0) }), ("scaledTanh", { scaledTanh($0) }), ("sigmoid", { sigmoid($0) }),
      ("softplus", { softplus($0) }), ("softsign", { softsign($0) }), ("relu", { relu($0) }),
      ("leakyRelu", { leakyRelu($0, slope: 0.2) }), ("elu", { elu($0, alpha: 0.7) }),
      ("clamp", { clamp($0, -0.51...0.63) }), ("cube", { pow($0, 3) }), ("affine", { 2 - 3 * $0 }),
      ("through sign and step", { $0 * sign($0) + step($0) }),
    ]
    let aboveZero: [(String, @Sendable (Node<Double>) -> Node<Double>)] = [
      ("log", { log($0) }), ("sqrt", { sqrt($0) }), ("reciprocal", { reciprocal($0) }),
      ("number over", { 2 / $0 }), ("pow 1.5", { pow($0, 1.5) }), ("pow -0.5", { pow($0, -0.5) }),
    ]
    return shapes.flatMap { shape in
      anywhere.map { name, function in OperationCase(name, shapes: [shape]) { function($0[0]) } }
        + aboveZero.map { name, function in
          OperationCase("\(name) of \(shape)", [positive(shape, name)]) { function($0[0]) }
        }
    }
  }()

  static let arithmetic: [OperationCase] = {
    let shapes: [[Shape]] = [
      [[2, 3], [2, 3]], [[2, 3], [3]], [[3], [2, 3]], [[], [2]], [[2, 1], [1, 3]], [[2, 1, 3], [4, 1]],
    ]
    let operations: [(String, @Sendable (Node<Double>, Node<Double>) -> Node<Double>)] = [
      ("addition", { $0 + $1 }), ("subtraction", { $0 - $1 }), ("multiplication", { $0 * $1 }),
      ("maximum", { maximum($0, 0.9 * $1) }), ("minimum", { minimum($0, 0.9 * $1) }),
      ("select", { select(greater($0, $1 * 0.9), square($0), $1) }),
    ]
    return shapes.flatMap { pair in
      operations.map { name, operation in OperationCase(name, shapes: pair) { operation($0[0], $0[1]) } } + [
        OperationCase("division of \(pair)", [distinct(pair[0], "a"), positive(pair[1], "b")]) { $0[0] / $0[1] },
        OperationCase("power of \(pair)", [positive(pair[0], "a"), distinct(pair[1], "b")]) { pow($0[0], $0[1]) },
      ]
    }
  }()

  static let shaping: [OperationCase] = [
    OperationCase("sum", shapes: [[2, 3, 4]]) { sum($0[0], axes: [0, 2]) },
    OperationCase("mean", shapes: [[2, 3, 4]]) { mean($0[0], axes: [1]) },
    OperationCase("maximum over axes", shapes: [[2, 3, 4]]) { max($0[0], axes: [0, 2]) },
    OperationCase("maximum over nothing", shapes: [[3]]) { max($0[0], axes: []) },
    OperationCase("reshape", shapes: [[2, 3, 4]]) { square($0[0].reshaped(to: [4, 6])) },
    OperationCase("transpose", shapes: [[2, 3, 4]]) { square($0[0].transposed([2, 0, 1])) },
    OperationCase("slice", shapes: [[3, 4]]) { square($0[0].sliced(axis: 1, from: 1, to: 3)) },
    OperationCase("padding", shapes: [[2, 3]]) { square($0[0].padded(axis: 0, before: 1, after: 2)) },
    OperationCase("broadcast", shapes: [[2, 1]]) { square($0[0].broadcast(to: [3, 2, 4])) },
    OperationCase("concatenation", shapes: [[2, 3], [2, 1]]) { square(concatenate($0, axis: 1)) },
    OperationCase("gather", [distinct([4, 3], "table"), indices([2, 3], below: 4)], differentiated: 1) {
      square(gather($0[0], $0[1]))
    },
    OperationCase("stop gradient", shapes: [[3]]) { $0[0] + 0 * stopGradient($0[0]) },
  ]

  static let matrices: [OperationCase] = [
    OperationCase("product", shapes: [[3, 4], [4, 2]]) { $0[0] • $0[1] },
    OperationCase("product tn", shapes: [[4, 3], [4, 2]]) { matrixProduct($0[0], $0[1], transposingFirst: true) },
    OperationCase("product nt", shapes: [[3, 4], [2, 4]]) { matrixProduct($0[0], $0[1], transposingSecond: true) },
    OperationCase("product tt", shapes: [[4, 3], [2, 4]]) {
      matrixProduct($0[0], $0[1], transposingFirst: true, transposingSecond: true)
    },
    OperationCase("stacked product", shapes: [[2, 3, 4], [2, 4, 2]]) { $0[0] • $0[1] },
    OperationCase("product of rank 3", shapes: [[2, 3, 4], [4, 2]]) { $0[0] • $0[1] },
    OperationCase("squared distances", shapes: [[3, 4], [2, 4]]) { squaredDistances($0[0], to: $0[1]) },
  ]

  static let images: [OperationCase] = [
    OperationCase("convolution", shapes: [[2, 4, 5, 2], [3, 2, 2, 3]]) { convolution($0[0], $0[1]) },
    OperationCase("strided convolution", shapes: [[1, 6, 5, 2], [3, 3, 2, 2]]) {
      convolution($0[0], $0[1], stride: 2, padding: .same)
    },
    OperationCase("grouped convolution", shapes: [[1, 4, 4, 4], [2, 2, 2, 4]]) {
      convolution($0[0], $0[1], padding: .symmetric(1), groups: 2)
    },
    OperationCase("dilated convolution", shapes: [[1, 5, 6, 1], [2, 2, 1, 2]]) {
      convolution($0[0], $0[1], dilation: 2)
    },
    OperationCase("max pooling", shapes: [[2, 4, 4, 2]]) { maxPooling($0[0], size: 2) },
    OperationCase("overlapping max pooling", shapes: [[1, 5, 5, 2]]) {
      maxPooling($0[0], size: 3, stride: 2, padding: .symmetric(1))
    },
    OperationCase("average pooling", shapes: [[1, 4, 4, 2]]) { averagePooling($0[0], size: 2) },
    OperationCase("padded average pooling", shapes: [[1, 5, 5, 1]]) {
      averagePooling($0[0], size: 3, stride: 2, padding: .same)
    },
    OperationCase("sum pooling", shapes: [[1, 4, 4, 2]]) { sumPooling($0[0], size: 2) },
    OperationCase("global pooling", shapes: [[2, 3, 3, 2]]) { globalAveragePooling($0[0]) + globalMaxPooling($0[0]) },
    OperationCase("subsampling", shapes: [[1, 4, 4, 2], [2], [2]]) {
      subsampling($0[0], coefficient: $0[1], bias: $0[2])
    },
    OperationCase("batch normalization", shapes: [[4, 2, 2, 3], [3], [3]]) {
      batchNormalization($0[0], scale: $0[1], shift: $0[2]).result
    },
    OperationCase("local response normalization", shapes: [[2, 2, 1, 7]]) {
      localResponseNormalization($0[0], size: 5, k: 1.5, alpha: 0.4)
    },
    OperationCase("local response normalization, lopsided, of another power", shapes: [[3, 5]]) {
      localResponseNormalization($0[0], size: 4, k: 1, alpha: 0.3, beta: 0.6)
    },
    OperationCase("local response normalization of fewer channels than it sees", shapes: [[2, 3]]) {
      localResponseNormalization($0[0], size: 9, k: 1, alpha: 0.3, beta: 1)
    },
    OperationCase("dropout", shapes: [[3, 4]]) {
      dropout($0[0], rate: 0.4, step: $0[0].graph.constant(3), key: 11)
    },
  ]

  static let losses: [OperationCase] = [
    OperationCase("softmax", shapes: [[3, 4]]) { softmax($0[0]) },
    OperationCase("log-softmax", shapes: [[3, 4]]) { logSoftmax($0[0]) },
    OperationCase("log-sum-exp", shapes: [[3, 4]]) { logSumExp($0[0]) },
    OperationCase("softmax cross-entropy", [distinct([3, 4], "logits"), indices([3], below: 4)], differentiated: 1) {
      softmaxCrossEntropy($0[0], labels: $0[1])
    },
    OperationCase("softmax cross-entropy of probabilities", [distinct([3, 4], "logits"), positive([3, 4], "p")]) {
      softmaxCrossEntropy($0[0], probabilities: $0[1])
    },
    OperationCase("sigmoid cross-entropy", [distinct([3], "logits"), positive([3], "targets")]) {
      sigmoidCrossEntropy($0[0], targets: $0[1])
    },
  ]
}
