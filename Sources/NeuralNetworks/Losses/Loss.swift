public import Autodiff
public import BLAS
import Tensors

/// What training minimizes: one number an example, averaged over the batch.
public struct Loss: Sendable {
  /// What an example's target is.
  public enum Target: Hashable, Sendable {
    /// A class index, a whole number from 0; the target node is [batch].
    case classIndex
    /// As many numbers as the network gives; the target node has the output's shape.
    case values
  }

  /// The losses that there are.
  public enum Kind: Hashable, Sendable {
    /// -ln softmax(y)_target.
    case softmaxCrossEntropy
    /// -t ln σ(y) - (1 - t) ln(1 - σ(y)), summed over the outputs.
    case sigmoidCrossEntropy
    /// The mean over the outputs of (y - t)².
    case squaredError
    /// The sum over the outputs of (y - t)²: the lecture's RSS, an example at a time.
    case residualSumOfSquares
    /// The mean over the classes of max(0, margin - y_target + y_i), i ≠ target.
    case hinge(margin: Double)
    /// y_target: LeCun et al. (1998), equation 8.
    case distance
    /// y_target + ln(e^-j + Σ e^-y_i): LeCun et al. (1998), equation 9.
    case maximumAPosteriori(j: Double)
  }

  /// Which loss it is.
  public let kind: Kind
  /// What a target is.
  public let target: Target

  /// A loss for class indices or for values.
  public init(_ kind: Kind, target: Target) {
    self.kind = kind
    self.target = target
  }

  /// -ln softmax(y)_target, for class indices.
  public static let softmaxCrossEntropy = Loss(.softmaxCrossEntropy, target: .classIndex)
  /// The same for target probabilities.
  public static let softmaxCrossEntropyOfProbabilities = Loss(.softmaxCrossEntropy, target: .values)
  /// For outputs that are yes-or-no questions; targets are numbers from 0 to 1, or a class index for one output a class.
  public static let sigmoidCrossEntropy = Loss(.sigmoidCrossEntropy, target: .values)
  /// The mean of the squared residuals of an example.
  public static let squaredError = Loss(.squaredError, target: .values)
  /// The multi-class hinge loss with margin 1 (Crammer and Singer's, averaged over the classes as in PyTorch).
  public static let hinge = Loss(.hinge(margin: 1), target: .classIndex)
  /// LeNet-5's equation 8, on squared distances.
  public static let distance = Loss(.distance, target: .classIndex)
  /// LeNet-5's equation 9, on squared distances.
  public static func maximumAPosteriori(j: Double) -> Loss { Loss(.maximumAPosteriori(j: j), target: .classIndex) }

  /// Whether the class with the smallest output is the answer: outputs are distances.
  public var answersWithSmallest: Bool {
    switch kind {
    case .distance, .maximumAPosteriori: true
    default: false
    }
  }

  /// The loss of each example: [batch].
  ///
  /// - Parameters:
  ///   - output: the network's result [batch, outputs].
  ///   - target: [batch] with class indices, or values of the output's shape.
  public func perExample<S: Scalar>(_ output: Node<S>, _ target: Node<S>) -> Node<S> {
    let outputs = output.shape.dimensions.last?.fixedSize ?? 1
    let values = self.target == .classIndex ? oneHot(target, depth: outputs) : target
    guard output.rank == 2, self.target == .values ? target.shape == output.shape : target.rank == 1 else {
      output.graph.fail(
        .shape(
          operation: "loss", operands: [output.shape, target.shape],
          expectation: self.target == .classIndex
            ? "outputs [batch, classes] and class indices [batch]"
            : "outputs and targets of one shape [batch, outputs]",
          scope: output.graph.currentScope))
      return output
    }
    switch kind {
    case .softmaxCrossEntropy:
      return self.target == .classIndex
        ? Autodiff.softmaxCrossEntropy(output, labels: target)
        : Autodiff.softmaxCrossEntropy(output, probabilities: target)
    case .sigmoidCrossEntropy: return sum(Autodiff.sigmoidCrossEntropy(output, targets: values), axes: [1])
    case .squaredError: return mean(square(output - values), axes: [1])
    case .residualSumOfSquares: return sum(square(output - values), axes: [1])
    case .hinge(let margin):
      let own = sum(output * values, axes: [1], keepingDimensions: true)
      return mean(relu(output - own + margin) * (1 - values), axes: [1])
    case .distance: return sum(output * values, axes: [1])
    case .maximumAPosteriori(let j):
      // e^-j is one more exponent in the sum: a class for everything that is no character.
      let rubbish = output.sliced(axis: 1, from: 0, to: 1) * 0.0 - j
      return sum(output * values, axes: [1]) + logSumExp(concatenate([-output, rubbish], axis: 1))
    }
  }

  /// The mean loss of a batch, each example weighted by its class where weights are given.
  ///
  /// - Parameter classWeights: one a class, not negative; the weighted losses are divided by the batch's total weight, as in
  ///   PyTorch. A batch of total weight 0 has the loss 0.
  public func callAsFunction<S: Scalar>(
    _ output: Node<S>, _ target: Node<S>, classWeights: [Double]? = nil
  ) -> Node<S> {
    let losses = perExample(output, target)
    guard let classWeights else { return mean(losses) }
    guard self.target == .classIndex, classWeights.count == output.shape.dimensions.last?.fixedSize else {
      output.graph.fail(
        .shape(
          operation: "class weights", operands: [output.shape],
          expectation: "class indices as targets and one weight for each output, given \(classWeights.count) weights",
          scope: nil))
      return mean(losses)
    }
    for weight in classWeights where !(weight >= 0 && weight.isFinite) {
      output.graph.fail(
        .value(
          operation: "class weights", found: weight, expectation: "finite weights that are not negative", scope: nil))
    }
    let table = output.graph.constant(Tensor<S>([classWeights.count], classWeights.map { S($0) }))
    let weights = gather(table, target)
    // The smallest normal number of Float stands for 0, which nothing can be divided by.
    let total = maximum(sum(weights), output.graph.constant(Double(Float.leastNormalMagnitude)))
    return sum(weights * losses) / total
  }
}
