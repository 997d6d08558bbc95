import Foundation
import LinearModels

/// Writes the coefficients of a path for the judge: the number of fits, and for each its lambda (on the scale of the residual
/// sum of squares), the intercept, the number of coefficients that are not 0, their columns (64-bit) and values, all on
/// the original scale of the inputs.
func writeCoefficients(_ fits: [LinearFit], to path: String) throws {
  var data = Data()
  func append<Value: BitwiseCopyable>(_ values: [Value]) {
    values.withUnsafeBytes { data.append(contentsOf: $0) }
  }
  append([fits.count])
  for fit in fits {
    append([fit.l1, fit.intercept])
    append([fit.coefficients.support.count])
    append(fit.coefficients.support)
    append(fit.coefficients.nonzero)
  }
  try data.write(to: URL(fileURLWithPath: path))
}
