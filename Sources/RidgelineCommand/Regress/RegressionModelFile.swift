import Foundation
import Ridgeline

/// A fitted regression as a JSON file: what predictions need, and what the fit was.
struct RegressionModelFile: Codable {
  static let format = "ridgeline regression"
  static let version = 1

  struct Column: Codable {
    let name: String
    /// The categories, the baseline first; nil for numbers.
    let categories: [String]?
  }

  /// What CV+ intervals are made of.
  struct Conformal: Codable {
    struct Fit: Codable {
      let coefficients: [String: Double]
      let intercept: Double
    }
    /// The fit without each fold.
    let fits: [Fit]
    let folds: [Int]
    let residuals: [Double]
  }

  let format: String
  let version: Int
  let family: Family
  let target: String
  /// The two categories of a logistic regression's target, that of 0 first; nil for numbers.
  let targetCategories: [String]?
  let offset: String?
  /// How a CSV file's columns become the model's; nil for a sparse file, whose columns are x1 to xp.
  let columns: [Column]?
  let columnCount: Int
  /// On the original scale, those that are 0 left out.
  let coefficients: [String: Double]
  let standardizedCoefficients: [String: Double]
  let intercept: Double
  let standardization: String
  let l1: Double
  let l2: Double
  /// RSS, or another family's deviance.
  let deviance: Double
  let dualityGap: Double
  let kktViolation: Double
  let certified: Bool
  let solver: String
  let conformal: Conformal?
  /// Of everything above, as a changed digit would be a wrong prediction without a word.
  private(set) var checksum = ""

  enum CodingKeys: String, CodingKey {
    case format, version, family, target, offset, columns, coefficients, intercept, standardization, l1, l2, deviance
    case certified, solver, conformal, checksum
    case targetCategories = "target_categories"
    case columnCount = "column_count"
    case standardizedCoefficients = "standardized_coefficients"
    case dualityGap = "duality_gap"
    case kktViolation = "kkt_violation"
  }

  init(
    _ fit: RegressionFit, _ data: RegressionData, _ options: RegressionOptions, _ conformal: ConformalIntervals?
  ) {
    (format, version) = (Self.format, Self.version)
    family = fit.family
    (target, targetCategories, offset) = (data.target, data.targetCategories, data.offsetColumn)
    columns = data.encoding?.columns.map { column in
      if case .categorical(let categories) = column.kind { return Column(name: column.name, categories: categories) }
      return Column(name: column.name, categories: nil)
    }
    columnCount = data.x.columns
    coefficients = RegressionReport.Names.nonzero.dictionary(fit.coefficients)
    standardizedCoefficients = RegressionReport.Names.nonzero.dictionary(fit.standardizedCoefficients)
    intercept = fit.intercept
    standardization = options.standardize.standardisation.rawValue
    (l1, l2, deviance) = (fit.l1, fit.l2, fit.loss)
    // JSON has no infinity, which a gap can be.
    dualityGap = min(fit.certificate.dualityGap, .greatestFiniteMagnitude)
    kktViolation = min(fit.certificate.kktViolation, .greatestFiniteMagnitude)
    certified = fit.isCertified
    solver = fit.solver.solver.rawValue
    self.conformal = conformal.map { conformal in
      Conformal(
        fits: conformal.fits.map {
          .init(coefficients: RegressionReport.Names.nonzero.dictionary($0.coefficients), intercept: $0.intercept)
        }, folds: conformal.folds, residuals: conformal.residuals)
    }
    checksum = sum
  }

  /// Writes the file whole or not at all.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes = Array(try encoder.encode(self)) + [0x0A]
    do {
      try AtomicFile.write(bytes, to: url)
    } catch {
      throw CommandError("the model could not be written: \(error)")
    }
  }

  /// Reads a file and checks everything that it claims.
  init(contentsOf url: URL) throws {
    let bytes = try SmallFile.bytes(of: url)
    func refusal(_ reason: String) -> CommandError {
      CommandError("\(url.path) is not a model that can be used: \(reason)")
    }
    struct Kind: Decodable {
      let format: String
      let version: Int
    }
    let decoder = JSONDecoder()
    guard let kind = try? decoder.decode(Kind.self, from: bytes), kind.format == Self.format else {
      throw refusal("expected JSON whose format is '\(Self.format)', as --save writes it")
    }
    guard kind.version == Self.version else {
      throw refusal("its version is \(kind.version), this program reads \(Self.version)")
    }
    do {
      self = try decoder.decode(Self.self, from: bytes)
    } catch let error as DecodingError {
      throw refusal(Self.sentence(error))
    }
    guard checksum == sum else {
      throw refusal("its contents do not fit its checksum; expected \(sum), found \(checksum.prefix(40))")
    }
    if let encoding = try encoding(refusal) {
      guard encoding.featureNames.count == columnCount else {
        throw refusal("expected \(columnCount) columns, found \(encoding.featureNames.count)")
      }
    }
    _ = try predictor()
    _ = try conformalIntervals()
  }

  /// How new tables are encoded; nil for sparse files.
  func encoding(_ refusal: (String) -> CommandError = { CommandError($0) }) throws -> TableEncoding? {
    guard let columns else { return nil }
    for column in columns {
      guard let categories = column.categories else { continue }
      guard !categories.isEmpty, Set(categories).count == categories.count else {
        throw refusal("column \(column.name) must have categories that differ")
      }
    }
    return TableEncoding(
      columns: columns.map {
        ColumnEncoding(name: $0.name, kind: $0.categories.map { .categorical($0) } ?? .numeric)
      })
  }

  /// What predicts.
  func predictor() throws -> LinearPredictor { try predictor(coefficients, intercept) }

  /// What makes intervals; nil without.
  func conformalIntervals() throws -> ConformalIntervals? {
    try conformal.map { conformal in
      try ConformalIntervals(
        fits: conformal.fits.map { try predictor($0.coefficients, $0.intercept) }, folds: conformal.folds,
        residuals: conformal.residuals)
    }
  }

  private func predictor(_ coefficients: [String: Double], _ intercept: Double) throws -> LinearPredictor {
    if let names = try encoding()?.featureNames {
      let known = Set(names)
      for name in coefficients.keys where !known.contains(name) {
        throw CommandError("the model has a coefficient of '\(name)', which is none of its columns")
      }
      return try LinearPredictor(
        names: names, coefficients: names.map { coefficients[$0] ?? 0 }, intercept: intercept)
    }
    var nonzero: [Int: Double] = [:]
    for (name, value) in coefficients {
      guard name.hasPrefix("x"), let number = Int(name.dropFirst()), number >= 1, "x\(number)" == name else {
        throw CommandError(
          "the model has a coefficient of '\(name)', which is none of its columns x1 to x\(columnCount)")
      }
      nonzero[number - 1] = value
    }
    return try LinearPredictor(columns: columnCount, nonzero: nonzero, intercept: intercept)
  }

  /// FNV-1a, 64 bits, of every name and of the bits of every number.
  private var sum: String {
    var parts = [format, "\(version)", target, offset ?? "", offset == nil ? "0" : "1", "\(columnCount)"]
    for column in columns ?? [] {
      parts += ["column", column.name, "\(column.categories?.count ?? -1)"] + (column.categories ?? [])
    }
    parts += [family.rawValue, "\(targetCategories?.count ?? -1)"] + (targetCategories ?? [])
    for list in [coefficients, standardizedCoefficients] {
      parts.append("coefficients")
      for name in list.keys.sorted() { parts += [name, "\((list[name] ?? 0).bitPattern)"] }
    }
    parts += [intercept, l1, l2, deviance, dualityGap, kktViolation].map { "\($0.bitPattern)" }
    parts += [standardization, "\(certified)", solver, columns == nil ? "sparse" : "table"]
    if let conformal {
      parts += ["conformal"] + conformal.folds.map { "\($0)" } + conformal.residuals.map { "\($0.bitPattern)" }
      for fit in conformal.fits {
        parts += ["fit", "\(fit.intercept.bitPattern)"]
        for name in fit.coefficients.keys.sorted() { parts += [name, "\((fit.coefficients[name] ?? 0).bitPattern)"] }
      }
    }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      // A byte that UTF-8 never has ends each part.
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    return String(hash, radix: 16)
  }

  private static func sentence(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "the value of '\(path(context))' is of another kind than expected"
    // A number that does not fit has no path.
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it cannot be read: \(context.debugDescription)" : "the value of '\(path(context))' cannot be read"
    @unknown default: "it cannot be read"
    }
  }
}

/// A file that is read at once.
enum SmallFile {
  static let mostBytes = 1 << 30

  static func bytes(of url: URL) throws -> Data {
    var reader = try FileReader(url)
    guard reader.size <= mostBytes else {
      throw CommandError("\(url.path) must have at most \(mostBytes) bytes, found \(reader.size)")
    }
    var bytes = [UInt8](repeating: 0, count: reader.size)
    let count = try reader.read(into: &bytes)
    return Data(bytes.prefix(count))
  }
}
