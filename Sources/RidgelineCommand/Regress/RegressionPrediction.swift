import Foundation
import Ridgeline

/// Predictions of a saved model for new rows.
struct RegressionPrediction {
  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let target: String
    /// Means: probabilities, expected counts.
    let predictions: [Double]
    /// The ends of the CV+ intervals, where the model has them, and their level.
    let lower: [Double]?
    let upper: [Double]?
    let level: Double?
    /// The row of each prediction below the header, counted from 1.
    let rows: [Int]
    let droppedRows: Int
    /// Where the file has the target.
    let meanSquaredError: Double?
    let meanDeviance: Double?
    /// How many rows it is taken over.
    let scored: Int?
  }

  let report: Report
  private(set) var notes: [String] = []

  init(_ model: RegressionModelFile, _ options: RegressionDataOptions, level: Double) throws {
    let (x, offsets, observed, rows, all): (DesignMatrix, [Double]?, [Double?], [Int], Int)
    if let csv = options.csv {
      guard let encoding = try model.encoding() else {
        throw CommandError(
          "the model was fitted to a sparse file, whose columns have no names: predict with --svmlight or --matrix-market"
        )
      }
      let table = try Table(contentsOf: URL(fileURLWithPath: csv), separator: options.separator.table)
      let needed = encoding.columns.map(\.name) + [model.offset].compactMap { $0 }
      let missing = needed.filter { !table.hasColumn($0) }
      guard missing.isEmpty else {
        throw CommandError(
          "\(csv) must have the columns of the model: missing are \(RegressionData.list(missing)); "
            + "there are \(RegressionData.list(table.names))")
      }
      let ignored = table.names.filter { !needed.contains($0) && $0 != model.target }
      if !ignored.isEmpty { notes.append("ignored, as the model does not know them: \(RegressionData.list(ignored))") }
      rows = options.dropMissing ? try table.rows(withoutMissing: needed) : Array(0..<table.rowCount)
      all = table.rowCount
      if rows.count < all { notes.append("\(all - rows.count) rows with missing values are left out") }
      x = try DesignMatrix(
        Matrix(rows: rows.count, columns: model.columnCount, elements: encoding.encode(table, rows: rows)),
        names: encoding.featureNames)
      offsets = try model.offset.map { try table.numbers($0, rows: rows) }
      if table.hasColumn(model.target) {
        // A target that is no number says nothing against the predictions.
        observed = rows.map { row in
          guard let categories = model.targetCategories else {
            return (try? table.numbers(model.target, rows: [row]))?.first
          }
          let text = (try? table.texts(model.target, rows: [row]))?.first
          return text.flatMap { categories.firstIndex(of: $0) }.map(Double.init)
        }
      } else {
        observed = []
      }
    } else {
      guard model.columns == nil else {
        throw CommandError("the model was fitted to the named columns of a CSV file: predict with --csv")
      }
      if let svmlight = options.svmlight {
        let file = try SVMLightFile(
          contentsOf: URL(fileURLWithPath: svmlight), indices: options.firstIndex.indices, columns: model.columnCount)
        (x, observed) = (try DesignMatrix(file.matrix), file.target)
      } else if let matrixMarket = options.matrixMarket {
        x = try RegressionData.design(matrixMarket)
        guard x.columns == model.columnCount else {
          throw CommandError(
            "\(matrixMarket) must have the \(model.columnCount) columns of the model, found \(x.columns)")
        }
        observed = try options.targetFile.map { try NumberFile(contentsOf: URL(fileURLWithPath: $0)).values } ?? []
        guard observed.isEmpty || observed.count == x.rows else {
          throw CommandError("--target-file must hold a number for each of \(x.rows) rows, found \(observed.count)")
        }
      } else {
        throw CommandError("give one of --csv, --svmlight and --matrix-market")
      }
      (rows, all, offsets) = (Array(0..<x.rows), x.rows, nil)
    }
    let predictors = try model.predictor().predict(x, offsets: offsets)
    let predictions = predictors.map(model.family.mean)
    if let bad = predictions.firstIndex(where: { !$0.isFinite }) {
      throw CommandError("the prediction of row \(rows[bad] + 1) is beyond the range of floating-point numbers")
    }
    let range: ClosedRange<Double> =
      switch model.family {
      case .gaussian: -Double.infinity...Double.infinity
      case .binomial: 0...1
      case .poisson: 0...Double.infinity
      }
    let errors = zip(predictors, observed).compactMap { predictor, observed in
      observed.flatMap { range.contains($0) ? $0 : nil }.map {
        model.family.unitDeviance($0, linearPredictor: predictor)
      }
    }
    let error = errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    let isSquared = model.family == .gaussian
    let intervals = try model.conformalIntervals()?.predictionIntervals(x, level: level, offsets: offsets)
    report = Report(
      target: model.target, predictions: predictions, lower: intervals?.map(\.lowerBound),
      upper: intervals?.map(\.upperBound), level: intervals == nil ? nil : level, rows: rows.map { $0 + 1 },
      droppedRows: all - rows.count,
      meanSquaredError: isSquared ? error : nil, meanDeviance: isSquared ? nil : error,
      scored: errors.isEmpty ? nil : errors.count)
  }

  /// Two columns of CSV, four with intervals.
  var text: String {
    var lines = [report.lower == nil ? "row,prediction" : "row,prediction,lower,upper"]
    for (index, row) in report.rows.enumerated() {
      var line = "\(row),\(report.predictions[index])"
      if let lower = report.lower, let upper = report.upper { line += ",\(lower[index]),\(upper[index])" }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }
}
