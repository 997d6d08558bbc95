import ArgumentParser
import Foundation
import Ridgeline
import Terminal

struct Regress: ParsableCommand {
  /// The exit code of a fit that is printed but has not converged.
  static let notCertified: Int32 = 3

  static let configuration = CommandConfiguration(
    abstract: "Fit least squares, ridge, lasso or an elastic net with a certificate, or predict from a saved model.",
    discussion: """
      The loss is RSS + lambda * sum |b| (lasso), RSS + lambda * sum b^2 (ridge), or with the mixing m \
      RSS + lambda * (m * sum |b| + (1 - m) * sum b^2) (elastic net), on standardised columns and with a free intercept. \
      RSS is weighted where there are weights. --family logistic or poisson puts a deviance in its place. Other units of lambda: --lambda-scale, each part of an elastic net by itself.

      ridgeline regress --csv F --target y --penalty ridge --lambda 24 --save model.json
      ridgeline regress --csv F --target y --penalty lasso --cross-validate 10
      ridgeline regress --csv F --target y --penalty lasso --stability 100 --most-selected 10
      ridgeline regress --csv F --target y --penalty ridge --lambda 24 --bootstrap 1000 --conformal 10 --save model.json
      ridgeline regress --model model.json --csv new.csv

      Columns of a CSV file that hold no number are categories, coded by a column of 0 and 1 for each but the first in \
      alphabetical order, the baseline. Missing values (nothing, NA, NaN, null, ?) are an error that names line and column, or \
      left out with --drop-missing.

      With --json one object: coefficients and standardized_coefficients by name (of sparse files those that are not 0), \
      intercept, rss (deviance of other families), duality_gap (relative to half the total sum of squares), kkt_violation, \
      certified, solver, seconds. \
      --path gives a list of those under path, each with its lambda, largest lambda first; seconds is then that of the whole \
      path. --cross-validate adds lambdas, mean_error (of squared residuals or unit deviances), standard_error, \
      lambda_minimum and lambda_one_standard_error. Where degrees_of_freedom are known, so are aic, bic and ebic. With \
      --model: predictions, rows (counted from 1) and, if the file has the target, mean_squared_error (or mean_deviance).

      --penalty none has standard errors and tests, of least squares or by maximum likelihood. --bootstrap adds an object of \
      that name with intervals by percentiles and basic ones; --conformal one with the coverage that CV+ promises, and \
      --model then adds lower and upper to the predictions. --stability has selection_frequencies, selected and \
      expected_false_selections instead of coefficients.

      Exit codes: 0, and every fit is certified; \(Regress.notCertified), and the result is printed although a fit (or one of a \
      path or of a fold) has not reached the tolerance; 64 for wrong arguments; 1 for anything else.
      """)

  @OptionGroup var data: RegressionDataOptions
  @OptionGroup var regression: RegressionOptions
  @OptionGroup var uncertainty: UncertaintyOptions
  @Option(help: "Where to write the fitted model (JSON).")
  var save: String?
  @Option(help: "A saved model to predict with.")
  var model: String?
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  mutating func validate() throws {
    if model != nil {
      let flags = regression.fitFlags + uncertainty.fitFlags + data.columnFlags + (save == nil ? [] : ["--save"])
      if let flag = flags.first { throw ValidationError("\(flag) does not go with --model, which says it all") }
    } else if regression.penalty == nil {
      throw ValidationError("give --penalty (none, ridge, lasso or elastic-net), or --model to predict")
    } else {
      try uncertainty.check(regression)
    }
    if save != nil, regression.path || regression.stability != nil {
      throw ValidationError("--save needs one fit: give --lambda or --cross-validate")
    }
    if data.matrixMarket != nil, data.targetFile == nil, model == nil {
      throw ValidationError("--matrix-market holds inputs only: give the target with --target-file")
    }
  }

  func run() throws {
    // What reads our output may end before us, and files may be limited in size: errors to be reported, not to die of.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    threads.setSharedPool()
    if let model { return try predict(RegressionModelFile(contentsOf: URL(fileURLWithPath: model))) }
    let destination = save.map { URL(fileURLWithPath: $0) }
    if let destination { try checkWritable(destination) }
    let data = try RegressionData(data, family: regression.family.family)
    for note in data.notes { say(note) }
    let result = try RegressionResult(data, regression, uncertainty)
    if let destination, let fit = result.fit {
      try RegressionModelFile(fit, data, regression, result.uncertainty.conformal).write(to: destination)
      say("the model is in \(destination.path)")
    }
    if json {
      try Output.json(RegressionReport(result, data, regression, uncertainty))
    } else {
      try Output.line(RegressionText(result: result, data: data, options: regression, uncertainty: uncertainty).text)
    }
    guard !result.isCertified else { return }
    say("not certified: a fit has not reached the relative duality gap of \(regression.tolerance)")
    throw ExitCode(Self.notCertified)
  }

  private func predict(_ model: RegressionModelFile) throws {
    if !model.certified { say("the model was not certified when it was fitted") }
    let prediction = try RegressionPrediction(model, data, level: uncertainty.chosenLevel)
    for note in prediction.notes { say(note) }
    if json { return try Output.json(prediction.report) }
    try Output.line(prediction.text)
    let report = prediction.report
    if let error = report.meanSquaredError ?? report.meanDeviance {
      let name = report.meanSquaredError == nil ? "mean deviance" : "mean squared error"
      say(String(format: "\(name) %.6g", error) + " over \(prediction.report.scored ?? 0) rows")
    }
  }

  private func checkWritable(_ url: URL) throws {
    do {
      try AtomicFile.checkWritable(url)
    } catch {
      throw CommandError("the model cannot be written: \(error)")
    }
  }

  private func say(_ line: String) { StatusLine().print(PlainTable.visible(line)) }
}
