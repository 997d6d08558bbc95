public import BLAS
public import LinearModels
import RealModule
public import Tensors

/// A linear classifier on features: how much of the classes they show to a hyperplane.
///
/// ```swift
/// let probe = try LinearProbe.fit(features, labels: labels, classes: 10, .ridge(.rss(100)))
/// let answers = try probe.predict(others)
/// ```
public struct LinearProbe: Sendable {
  /// How the hyperplanes are found, with lambdas on the scale of `LinearModels`.
  public enum Method: Sendable, Hashable {
    /// Ridge regression of one target a class, 1 for its own examples and −1 for others.
    case ridge(Lambda)
    /// The same on the features as they are, not standardised, at the lambda of a grid whose squared error without the
    /// example predicted is least (``LinearModels/RidgeAnalysis``): nothing is left to choose, and no example is
    /// given up for it.
    case ridgeByLeaveOneOut
    /// Logistic regression of each class against the others, with a ridge penalty.
    case logistic(Lambda)
  }

  private enum Fit: Sendable {
    case ridge(MultiResponseFit)
    case logistic([GeneralizedLinearFit])
  }

  /// The number of classes.
  public let classes: Int
  private let fit: Fit

  /// Fits a probe.
  ///
  /// - Parameters:
  ///   - features: [n, d].
  ///   - labels: a class an example, from 0 to `classes` − 1; every class occurs.
  ///   - classes: at least 2.
  ///   - method: ridge or logistic regression.
  /// - Throws: ``FeatureLearningError`` for labels that do not fit; `LinearModelError` where the regression has no
  ///   answer.
  public static func fit<S: Scalar>(
    _ features: Tensor<S>, labels: [Int], classes: Int, _ method: Method
  ) throws -> LinearProbe {
    let (rows, columns) = try matrixExtents(features)
    guard labels.count == rows else { throw FeatureLearningError.labelCount(expected: rows, found: labels.count) }
    guard classes >= 2, labels.allSatisfy((0..<classes).contains), Set(labels).count == classes else {
      throw FeatureLearningError.outOfRange(
        what: "the labels of a probe", expected: "each of at least 2 classes, 0 to \(classes - 1)",
        found: "\(Set(labels).sorted())")
    }
    let x = try DesignMatrix(Matrix(rows: rows, columns: columns, elements: features.elements))
    switch method {
    case .ridge(let lambda):
      return LinearProbe(
        classes: classes, fit: .ridge(try MultiResponseRidge(lambda: lambda).fit(x, targets(labels, classes))))
    case .ridgeByLeaveOneOut:
      let y = targets(labels, classes)
      let settings = RegressionSettings(standardisation: .none)
      let lambda = try lambdaByLeaveOneOut(x, y, settings)
      return LinearProbe(
        classes: classes, fit: .ridge(try MultiResponseRidge(lambda: lambda, settings: settings).fit(x, y)))
    case .logistic(let lambda):
      let fits = try (0..<classes).map { label in
        try LogisticRegression(.ridge(lambda))
          .fit(x, labels.map { $0 == label ? 1 : 0 }, weights: nil, offsets: nil)
      }
      return LinearProbe(classes: classes, fit: .logistic(fits))
    }
  }

  /// A column a class: 1 for its own examples, −1 for others.
  private static func targets(_ labels: [Int], _ classes: Int) -> Matrix<Double> {
    var targets = Matrix<Double>(rows: labels.count, columns: classes, repeating: -1)
    for (row, label) in labels.enumerated() { targets[row, label] = 1 }
    return targets
  }

  /// One lambda for all classes, of three a decade from 1e-5 to 100 times the mean example's squared distance from the
  /// mean.
  private static func lambdaByLeaveOneOut(
    _ x: DesignMatrix, _ y: Matrix<Double>, _ settings: RegressionSettings
  ) throws -> Lambda {
    let analysis = try RidgeAnalysis(x, (0..<y.rows).map { y[$0, 0] }, settings: settings)
    let spread = analysis.eigenvalues.reduce(0, +) / Double(y.rows)
    // Features that are all alike tell nothing, whatever the lambda.
    guard spread > 0 else { return .rss(1) }
    let lambdas = (0...21).map { Lambda.rss(spread * Double.pow(10, Double($0) / 3 - 5)) }
    // One factorisation for all classes.
    let validations = try analysis.validate(lambdas, targets: y)
    let errors = lambdas.indices.map { index in validations.reduce(0) { $0 + $1.leaveOneOut[index] } }
    return lambdas[errors.indices.reduce(0) { errors[$1] < errors[$0] ? $1 : $0 }]
  }

  /// The class of largest score of every row of features [m, d], of equal ones the first.
  ///
  /// - Throws: `LinearModelError` for rows of another width or features that are not finite.
  public func predict<S: Scalar>(_ features: Tensor<S>) throws -> [Int] {
    let (rows, columns) = try matrixExtents(features)
    let x = try DesignMatrix(Matrix(rows: rows, columns: columns, elements: features.elements))
    let scores: [[Double]]
    switch fit {
    case .ridge(let fit):
      let predictions = try fit.predict(x)
      scores = (0..<classes).map { label in (0..<rows).map { predictions[$0, label] } }
    case .logistic(let fits):
      scores = try fits.map { try $0.predict(x, scale: .link) }
    }
    return (0..<rows).map { row in
      (0..<classes).reduce(0) { scores[$1][row] > scores[$0][row] ? $1 : $0 }
    }
  }
}
