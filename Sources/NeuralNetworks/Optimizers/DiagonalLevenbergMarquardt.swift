public import Autodiff
public import BLAS

/// LeCun's stochastic diagonal Levenberg-Marquardt: w_k ← w_k - η/(μ + h_kk)·g_k.
///
/// h_kk estimates the second derivative by the weight: a mean over a few hundred examples, made anew each pass, of the
/// quantity that LeCun's second-order back-propagation gives (see `Graph.diagonalCurvatures`).
/// Source: LeCun et al. (1998), section III.E and appendix C.
public struct DiagonalLevenbergMarquardt: Optimizer {
  /// η at the first step, before any schedule.
  public var learningRate: Double
  /// μ, which keeps the step bounded where the curvature is small.
  public let mu: Double
  /// On how many examples a pass the curvature is estimated.
  public let estimationCount: Int

  /// The paper's μ = 0.02 and 500 examples unless told otherwise.
  public init(learningRate: Double = 5e-4, mu: Double = 0.02, estimationCount: Int = 500) {
    self.learningRate = learningRate
    self.mu = mu
    self.estimationCount = estimationCount
  }

  /// Records the rule for every parameter of `context`.
  public func record<S: Scalar>(_ context: OptimizerContext<S>) {
    for parameter in context.parameters {
      let rate = context.rate(for: parameter)
      let curvature = context.memory("curvature", for: parameter)
      context.graph.update(
        parameter.variable, to: parameter.variable - rate / (curvature + mu) * parameter.gradient)
    }
  }

  /// Records `curvature ← curvature + share·h` for every parameter, where h is the curvature of `loss` on one batch.
  ///
  /// - Parameter share: the batch's part of all examples that the estimate is made on; set the memories to 0 before.
  public func recordEstimation<S: Scalar>(
    of loss: Node<S>, _ context: OptimizerContext<S>, share: Node<S>
  ) {
    let curvatures = context.graph.diagonalCurvatures(of: loss, withRespectTo: context.parameters.map(\.variable))
    for (parameter, curvature) in zip(context.parameters, curvatures) {
      let memory = context.memory("curvature", for: parameter)
      context.graph.update(memory, to: memory + share * curvature)
    }
  }
}
