import ArgumentParser
import Foundation
import Ridgeline

/// Which numbers a regression works on, and what each column is for.
struct RegressionDataOptions: ParsableArguments {
  enum Separator: String, ExpressibleByArgument, CaseIterable {
    case comma
    case semicolon
    case tab

    var table: Table.Separator {
      switch self {
      case .comma: .comma
      case .semicolon: .semicolon
      case .tab: .tab
      }
    }
  }

  enum FirstIndex: String, ExpressibleByArgument, CaseIterable {
    case auto
    case zero = "0"
    case one = "1"

    var indices: SVMLightFile.Indices {
      switch self {
      case .auto: .automatic
      case .zero: .fromZero
      case .one: .fromOne
      }
    }
  }

  @Option(help: "A CSV file with a header.")
  var csv: String?
  @Option(help: "A sparse file in svmlight's (LIBSVM's) format, target included.")
  var svmlight: String?
  @Option(help: "A MatrixMarket file of inputs, sparse or dense; the target comes from --target-file.")
  var matrixMarket: String?
  @Option(help: "The target of --matrix-market: one number a line, or a MatrixMarket file of one column.")
  var targetFile: String?

  @Option(help: "The column of the CSV file that is to be explained.")
  var target: String?
  @Option(help: "Columns that explain it, with commas between; all others unless told.")
  var features: [String] = []
  @Option(help: "Columns that do not, with commas between.")
  var exclude: [String] = []
  @Option(
    help: "Columns of categories that look like numbers. Columns without any number are categories anyway.")
  var categorical: [String] = []
  @Option(help: "The column of observation weights, which multiply the squared residuals.")
  var weights: String?
  @Option(help: "The column of known parts of the target, taken off before the fit and added to predictions.")
  var offset: String?
  @Flag(help: "Leave rows with missing values out; they are an error otherwise.")
  var dropMissing = false
  @Option(help: "What stands between the fields of the CSV file: comma, semicolon or tab.")
  var separator: Separator = .comma
  @Option(
    help: "What the first column of --svmlight is called: 0, 1, or auto (0 if a 0 occurs, as scikit-learn's auto).")
  var firstIndex: FirstIndex = .auto

  /// The flags that say what a CSV file's columns are for.
  var columnFlags: [String] {
    [
      (target != nil, "--target"), (!features.isEmpty, "--features"), (!exclude.isEmpty, "--exclude"),
      (!categorical.isEmpty, "--categorical"), (weights != nil, "--weights"), (offset != nil, "--offset"),
    ].filter(\.0).map(\.1)
  }

  mutating func validate() throws {
    guard [csv, svmlight, matrixMarket].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("give one of --csv, --svmlight and --matrix-market")
    }
    let fileFlags = [(dropMissing, "--drop-missing"), (separator != .comma, "--separator")].filter(\.0).map(\.1)
    if csv == nil, let flag = (columnFlags + fileFlags).first {
      throw ValidationError("\(flag) is for --csv, whose columns have names")
    }
    if targetFile != nil, matrixMarket == nil {
      throw ValidationError("--target-file is for --matrix-market; the other files hold their target")
    }
    if svmlight == nil, firstIndex != .auto { throw ValidationError("--first-index is for --svmlight") }
  }

  /// Names out of an option: each as it stands if a column is called so, cut at its commas otherwise.
  static func names(_ option: [String], in table: Table) -> [String] {
    option.flatMap { table.hasColumn($0) ? [$0] : $0.split(separator: ",").map(String.init) }
  }
}
