import Foundation
import Ridgeline

/// What a regression is fitted to.
struct RegressionData {
  var x: DesignMatrix
  var y: [Double]
  var weights: [Double]?
  var offsets: [Double]?
  /// What the target is called.
  var target: String
  /// The two categories of a logistic regression's target, that of 0 first; nil for numbers.
  var targetCategories: [String]?
  /// How the columns of a CSV file became those of `x`; nil for sparse files, whose columns are `x1` to `xp`.
  var encoding: TableEncoding?
  var weightsColumn: String?
  var offsetColumn: String?
  /// Rows that were left out for their missing values.
  var droppedRows = 0

  init(_ options: RegressionDataOptions, family: Family) throws {
    if let csv = options.csv {
      try self.init(Table(contentsOf: URL(fileURLWithPath: csv), separator: options.separator.table), options, family)
    } else if let svmlight = options.svmlight {
      let file = try SVMLightFile(contentsOf: URL(fileURLWithPath: svmlight), indices: options.firstIndex.indices)
      self.init(x: try DesignMatrix(file.matrix), y: file.target, target: "the target")
    } else if let matrixMarket = options.matrixMarket {
      guard let targetFile = options.targetFile else {
        throw CommandError("--matrix-market holds inputs only: give the target with --target-file")
      }
      let x = try Self.design(matrixMarket)
      let y = try NumberFile(contentsOf: URL(fileURLWithPath: targetFile)).values
      guard y.count == x.rows else {
        throw CommandError("\(targetFile) must hold a number for each of \(x.rows) rows, found \(y.count)")
      }
      self.init(x: x, y: y, target: "the target")
    } else {
      throw CommandError("give one of --csv, --svmlight and --matrix-market")
    }
  }

  private init(x: DesignMatrix, y: [Double], target: String) { (self.x, self.y, self.target) = (x, y, target) }

  private init(_ table: Table, _ options: RegressionDataOptions, _ family: Family) throws {
    guard let target = options.target else {
      throw CommandError(
        "--target is missing: which column is to be explained? There are \(Self.list(table.names))")
    }
    func names(_ option: [String]) -> [String] { RegressionDataOptions.names(option, in: table) }
    let (excluded, categorical) = (names(options.exclude), names(options.categorical))
    let others = [options.weights, options.offset].compactMap { $0 }
    for name in [target] + others + excluded + categorical where !table.hasColumn(name) {
      throw CommandError("\(table.file) has no column '\(name)'; there are \(Self.list(table.names))")
    }
    let taken = Set([target] + others)
    var features = names(options.features)
    if features.isEmpty {
      features = table.names.filter { !taken.contains($0) && !excluded.contains($0) }
    } else {
      var seen = taken
      for name in features where !seen.insert(name).inserted {
        throw CommandError("column '\(name)' cannot be a feature twice, or a feature and the target, weights or offset")
      }
      features.removeAll { excluded.contains($0) }
    }
    for name in categorical where !features.contains(name) {
      throw CommandError("column '\(name)' is not among the features, so --categorical does not apply to it")
    }
    var rows = Array(0..<table.rowCount)
    if options.dropMissing {
      rows = try table.rows(withoutMissing: features + [target] + others)
      guard !rows.isEmpty else {
        throw CommandError("every row of \(table.file) has a missing value in one of the columns that are used")
      }
    }
    var (y, categories): ([Double], [String]?) = ([], nil)
    if family == .binomial, try table.holdsNoNumbers(target, rows: rows) {
      let texts = try table.texts(target, rows: rows)
      let found = Set(texts).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      guard found.count == 2 else {
        throw CommandError(
          "\(table.file), column \(target): a logistic regression needs two categories, found \(Self.list(found))")
      }
      (y, categories) = (texts.map { $0 == found[1] ? 1 : 0 }, found)
    } else {
      y = try table.numbers(target, rows: rows)
    }
    let encoding = try TableEncoding(of: table, columns: features, categorical: Set(categorical), rows: rows)
    let elements = try encoding.encode(table, rows: rows)
    let matrix = Matrix(rows: rows.count, columns: encoding.featureNames.count, elements: elements)
    self.init(x: try DesignMatrix(matrix, names: encoding.featureNames), y: y, target: target)
    if let column = options.weights {
      weights = try table.numbers(column, rows: rows)
      if let row = weights?.firstIndex(where: { $0 < 0 }) {
        throw CommandError(
          "\(table.file), line \(table.line(ofRow: rows[row])), column \(column): "
            + "expected a weight that is not negative, found \(weights?[row] ?? 0)")
      }
    }
    offsets = try options.offset.map { try table.numbers($0, rows: rows) }
    (weightsColumn, offsetColumn) = (options.weights, options.offset)
    targetCategories = categories
    self.encoding = encoding
    droppedRows = table.rowCount - rows.count
  }

  static func design(_ matrixMarket: String) throws -> DesignMatrix {
    switch try MatrixMarketFile(contentsOf: URL(fileURLWithPath: matrixMarket)).contents {
    case .dense(let matrix): try DesignMatrix(matrix)
    case .sparse(let matrix): try DesignMatrix(matrix)
    }
  }

  /// Each categorical column with the category that is coded by zeros.
  var baselines: [String: String] {
    Dictionary(
      uniqueKeysWithValues: (encoding?.columns ?? []).compactMap { column in
        column.baseline.map { (column.name, $0) }
      })
  }

  /// What a reader of the result should know of the data.
  var notes: [String] {
    var notes: [String] = []
    if let targetCategories { notes.append("the target is the probability of \(targetCategories[1])") }
    if droppedRows > 0 { notes.append("\(droppedRows) rows with missing values are left out") }
    for column in encoding?.columns ?? [] {
      guard case .categorical(let categories) = column.kind else { continue }
      notes.append(
        categories.count == 1
          ? "column \(column.name) has one category, \(categories[0]), and explains nothing"
          : "column \(column.name) is categorical: the baseline is \(categories[0]), the others "
            + Self.list(Array(categories.dropFirst())))
    }
    return notes
  }

  static func list(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
