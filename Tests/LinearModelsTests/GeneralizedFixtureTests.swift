import BLAS
import Foundation
import LinearModels
import Testing

/// Fits against 40-digit arithmetic and against the numbers of scikit-learn and glmnet; see `Fixtures`.
@Suite struct GeneralizedFixtureTests {
  struct Reference: Decodable {
    struct Case: Decodable {
      let family: String
      let l1, l2: Double
      let weighted, intercept: Bool
      let standardized, coefficients: [Double]
      let constant, deviance, primal: Double
    }
    let x: [[Double]]
    let binomial, poisson, weights, offsets: [Double]
    let cases: [Case]

    func target(_ family: Family) -> [Double] { family == .binomial ? binomial : poisson }
    var matrix: Matrix<Double> { Matrix(rows: x.count, columns: x[0].count, elements: x.flatMap { $0 }) }
    var sparse: SparseMatrix {
      get throws {
        var entries: [(row: Int, column: Int, value: Double)] = []
        for (i, row) in x.enumerated() { for (j, value) in row.enumerated() { entries.append((i, j, value)) } }
        return try SparseMatrix(rows: x.count, columns: x[0].count, entries: entries)
      }
    }
  }

  struct Peer: Decodable {
    let program, family, penalty: String
    let mixing, lambda: Double
    let standardized, coefficients: [Double]?
    let constant, deviance, nullDeviance: Double?
  }

  private func load<T: Decodable>(_ name: String) throws -> T {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(T.self, from: Data(contentsOf: url))
  }

  @Test func highPrecision() throws {
    let reference: Reference = try load("generalized")
    #expect(reference.cases.count == 32)
    for item in reference.cases {
      let family = try #require(Family(rawValue: item.family))
      let total = item.l1 + item.l2
      let penalty: RegressionPenalty = total == 0 ? .none : .elasticNet(.rss(total), mixing: item.l1 / total)
      let settings = RegressionSettings(intercept: item.intercept, tolerance: 1e-13)
      for x in [try DesignMatrix(reference.matrix), try DesignMatrix(reference.sparse)] {
        let fit = try GeneralizedLinearModel(family, penalty: penalty, settings: settings).fit(
          x, reference.target(family), weights: item.weighted ? reference.weights : nil,
          offsets: item.weighted ? reference.offsets : nil)
        let comment = Comment(rawValue: "\(item.family) \(item.l1) \(item.l2) \(item.weighted) \(item.intercept)")
        #expect(fit.isCertified, "\(comment.rawValue): \(fit.certificate)")
        expectClose(fit.standardizedCoefficients.values, item.standardized, 1e-9, comment)
        expectClose(fit.coefficients.values, item.coefficients, 1e-9, comment)
        #expect(close(fit.intercept, item.constant, 1e-9), comment)
        #expect(close(fit.deviance, item.deviance, 1e-12), comment)
        #expect(close(fit.certificate.primal, item.primal, 1e-13), comment)
        #expect(fit.certificate.dual <= item.primal * (1 + 1e-14), comment)
        #expect(fit.coefficients.support == item.standardized.indices.filter { item.standardized[$0] != 0 }, comment)
      }
    }
  }

  /// The same lambda means the same model in every program.
  @Test func peers() throws {
    let reference: Reference = try load("generalized")
    let peers: [Peer] = try load("peers")
    #expect(peers.count == 22)
    for peer in peers {
      let family = try #require(Family(rawValue: peer.family))
      let lambda = Lambda(peer.lambda, scale: peer.program == "glmnet" ? .glmnet : .sklearn)
      let penalty: RegressionPenalty =
        switch peer.penalty {
        case "ridge": .ridge(lambda)
        case "lasso": .lasso(lambda)
        default: .elasticNet(lambda, mixing: peer.mixing)
        }
      let fit = try GeneralizedLinearModel(family, penalty: penalty, settings: RegressionSettings(tolerance: 1e-12))
        .fit(
          try DesignMatrix(reference.matrix), reference.target(family),
          weights: peer.program == "glmnet" ? reference.weights : nil)
      let comment = Comment(rawValue: "\(peer.program) \(peer.family) \(peer.penalty) \(peer.lambda)")
      if let expected = peer.standardized {
        expectClose(fit.standardizedCoefficients.values, expected, 1e-6, comment)
      }
      if let expected = peer.coefficients { expectClose(fit.coefficients.values, expected, 1e-6, comment) }
      if let expected = peer.constant { #expect(close(fit.intercept, expected, 1e-6), comment) }
      if let expected = peer.deviance { #expect(close(fit.deviance, expected, 1e-7), comment) }
      if let expected = peer.nullDeviance { #expect(close(fit.nullDeviance, expected, 1e-10), comment) }
    }
  }
}
