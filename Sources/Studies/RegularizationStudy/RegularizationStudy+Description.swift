extension RegularizationStudy {
  /// How the study is done, for the report.
  func description(_ parts: [RegularizationStudyOptions.Part]) -> RegularizationStudyDescription {
    let (spread, task) = (SpreadStudy.self, NetworkTask.self)
    let methods: [(RegularizationStudyOptions.Part, String, String)] = [
      (
        .paths, "Paths",
        "One training set of \(PathStudy.observations) observations; ridge from one factorisation, the lasso by coordinate "
          + "descent and by the exact homotopy."
      ),
      (
        .geometry, "Geometry",
        "\(GeometryStudy.observations) observations of two inputs; the lasso's λ between its two knots, a tenth of the way from the lower, ridge's "
          + "the one with the same RSS."
      ),
      (
        .shrinkage, "Shrinkage",
        "\(ShrinkageStudy.coefficients.count) centred columns with Z'Z = I, not standardised further; the target is made so "
          + "that its least-squares coefficients are known."
      ),
      (
        .spread, "Spread",
        "\(options.trainingSets) training sets of \(spread.observations) observations with the same inputs and new noise; "
          + "errors over \(spread.testCount) other inputs; \(options.lambdas) values of λ. Test error = σ² + bias² + variance."
      ),
      (
        .rescaling, "Units",
        "The training set of the paths with its first input multiplied by a factor, at one λ for each penalty."
      ),
      (
        .network, "Network",
        "\(task.trainCount) examples of y = 2 sin x_1 + x_2 + ½(x_3² − 1) + noise of deviation \(task.noise), with "
          + "\(task.inputs) inputs; hidden layers of \(PenalisedNetwork.hidden.map(String.init).joined(separator: " and ")) "
          + "rectified units, \(PenalisedNetwork.weightCount) parameters; gradient descent on all examples with momentum "
          + "\(PenalisedNetwork.momentum) and learning rate \(PenalisedNetwork.learningRate), \(options.updates) updates; "
          + "\(options.networkSeeds) seeds, each with its own examples and first weights, which all methods share; strengths "
          + "chosen on \(NetworkStudy.selectionSeeds) other seeds."
      ),
    ]
    return RegularizationStudyDescription(
      data:
        "Generated: normal inputs with correlation 0.5^|i−j|, y = x'β + noise of deviation 3; β = (3, 1.5, 0, 0, 2, 0, 0, 0) "
        + "(few large) and β_j = 0.85 (many small), examples 1 and 2 of Tibshirani (1996).",
      formulas: [
        NamedText("ridge", "RSS + λ Σ_j β_j²"),
        NamedText("lasso", "RSS + λ Σ_j |β_j|"),
        NamedText("RSS", "Σ_i (y_i − β_0 − Σ_j x̃_ij β_j)², the intercept β_0 not penalised"),
        NamedText("standardised input", "x̃_ij = (x_ij − mean_j) / s_j with s_j = √(1/n Σ_i (x_ij − mean_j)²)"),
        NamedText(
          "degrees of freedom",
          "ridge: Σ_k d_k² / (d_k² + λ), d_k the singular values of X̃; lasso: coefficients that are not 0"),
        NamedText(
          "duality gap",
          "(P − D) / ½ Σ_i (y_i − mean)², with P = ½ RSS + ½ λ Σ_j β_j² or ½ RSS + ½ λ Σ_j |β_j| and D a feasible dual value: no coefficients have an objective lower by more than the gap"
        ),
      ],
      methods: methods.filter { parts.contains($0.0) }.map { NamedText($0.1, $0.2) },
      options: [
        NamedText("parts", parts.map(\.rawValue).joined(separator: ", ")),
        NamedText("training-sets", "\(options.trainingSets)"), NamedText("lambdas", "\(options.lambdas)"),
        NamedText("network-seeds", "\(options.networkSeeds)"), NamedText("updates", "\(options.updates)"),
        NamedText("seed", "\(options.seed)"),
      ])
  }
}
