/// A regression of one target that is a family with a penalty, as all but the adaptive and the relaxed lasso are.
///
/// What holds for every such model is written for this protocol: ``FamilyModel/bootstrap(_:_:weights:offsets:resamples:random:)``,
/// ``FamilyModel/stabilitySelection(_:_:weights:offsets:grid:sampling:maximumSelected:random:)`` and
/// ``FamilyModel/conformalIntervals(_:_:weights:offsets:folds:)``.
public protocol FamilyModel: LinearModel {
  /// The same model by its family and penalty.
  var general: GeneralizedLinearModel { get }
}

extension GeneralizedLinearModel: FamilyModel {
  /// The model itself.
  public var general: GeneralizedLinearModel { self }
}

extension LogisticRegression: FamilyModel {
  /// The same model as one of the binomial family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.binomial, penalty: penalty, settings: settings)
  }
}

extension PoissonRegression: FamilyModel {
  /// The same model as one of the Poisson family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.poisson, penalty: penalty, settings: settings)
  }
}

extension GroupLasso: FamilyModel {
  /// The same model as one of the Gaussian family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.gaussian, penalty: .groupLasso(lambda, groups), settings: settings)
  }
}

extension Ridge: FamilyModel {
  /// The same model as one of the Gaussian family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.gaussian, penalty: .ridge(lambda), settings: settings)
  }
}

extension Lasso: FamilyModel {
  /// The same model as one of the Gaussian family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.gaussian, penalty: .lasso(lambda), settings: settings)
  }
}

extension ElasticNet: FamilyModel {
  /// The same model as one of the Gaussian family.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(.gaussian, penalty: .elasticNet(lambda, mixing: mixing), settings: settings)
  }
}

extension LeastSquares: FamilyModel {
  /// The same model as one of the Gaussian family, which answers dependent columns by the solution of smallest norm.
  public var general: GeneralizedLinearModel {
    GeneralizedLinearModel(
      .gaussian,
      settings: RegressionSettings(standardisation: standardisation, intercept: intercept, tolerance: tolerance))
  }
}
