/// What standardisation took from each column: with it coefficients go back to the original scale.
public struct ColumnStatistics: Sendable, Equatable {
  /// The weighted mean that was subtracted; 0 without an intercept.
  public let means: [Double]
  /// What the column was divided by; 1 for a column without spread.
  public let scales: [Double]
  /// The squared Euclidean norm of each column as the solvers see it: weighted, centred and scaled.
  public let squaredNorms: [Double]

  /// The columns that hold nothing: constant ones with an intercept, or all zeros without. Their coefficient is 0.
  public var emptyColumns: [Int] { squaredNorms.indices.filter { squaredNorms[$0] == 0 } }
}

extension ColumnStatistics {
  /// Coefficients on the original scale, β_j = b_j / scale_j, of those on the standardised one.
  public func originalScale(_ standardised: Coefficients) -> Coefficients {
    Coefficients(
      names: standardised.names, support: standardised.support,
      nonzero: zip(standardised.support, standardised.nonzero).map { $1 / scales[$0] })
  }

  /// Coefficients on the standardised scale, b_j = β_j scale_j, of those on the original one.
  public func standardisedScale(_ original: Coefficients) -> Coefficients {
    Coefficients(
      names: original.names, support: original.support,
      nonzero: zip(original.support, original.nonzero).map { $1 * scales[$0] })
  }

  /// The same columns divided by other scales.
  func rescaled(to scales: [Double]) -> ColumnStatistics {
    ColumnStatistics(
      means: means, scales: scales,
      squaredNorms: scales.indices.map { column in
        let ratio = self.scales[column] / scales[column]
        return squaredNorms[column] * ratio * ratio
      })
  }

  /// The intercept that belongs to coefficients on the original scale: mean(y) − Σ β_j mean_j.
  func intercept(_ original: Coefficients, targetMean: Double) -> Double {
    var sum = targetMean
    for (column, value) in zip(original.support, original.nonzero) { sum -= value * means[column] }
    return sum
  }
}

/// The same for one column, while the columns are made on several threads.
struct ColumnSummary {
  var mean = 0.0
  var scale = 1.0
  var squaredNorm = 0.0
  var failure = Failure.none

  /// Where a sum of squares begins to lose digits, as its terms have no room for them.
  static let smallestSquares = 1e-290

  enum Failure {
    case none
    case notFinite(row: Int)
    case overflow
    case underflow
    case constant
  }

  /// Sets the scale of a column from its squares around the mean and around 0, both weighted.
  ///
  /// - Parameters:
  ///   - spread: Σ w (x − mean)², exactly 0 for a constant column.
  ///   - square: Σ w x², which counts when nothing is centred.
  ///   - constant: The one value of all rows, if it is one.
  mutating func setScale(
    spread: Double, square: Double, constant: Double?, _ rows: RowWeights, _ choice: StandardisationChoice
  ) {
    guard spread.isFinite, square.isFinite else {
      failure = .overflow
      return
    }
    let entering = choice.centres ? spread : square
    let isEmpty = choice.centres ? constant != nil : constant == 0
    guard isEmpty || entering >= Self.smallestSquares else {
      failure = .underflow
      return
    }
    let divisor: Double
    switch choice.standardisation {
    case .population: divisor = (spread / rows.total).squareRoot()
    case .sample:
      let count = Double(rows.positiveCount)
      divisor = rows.positiveCount > 1 ? (spread / rows.total * (count / (count - 1))).squareRoot() : 0
    case .unitNorm: divisor = entering.squareRoot()
    case .none: divisor = 1
    }
    if divisor > 0 {
      scale = divisor
      squaredNorm = entering / divisor / divisor
    } else if entering > 0 {
      failure = .constant
    }
  }
}

/// The choice that a design is standardised by.
struct StandardisationChoice: Sendable, Equatable {
  var standardisation: Standardisation
  /// Whether the columns are centred, as with a free intercept.
  var centres: Bool
}
