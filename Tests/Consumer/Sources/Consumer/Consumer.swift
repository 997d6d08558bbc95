import Ridgeline

/// Uses Ridgeline as a linked library and fails loudly when what it computes is wrong.
@main
struct Consumer {
  static func main() throws {
    scalars()
    try training()
    try ridge()
    try lasso()
    print("Consumer: all checks passed.")
  }

  /// Stops the program when `condition` does not hold.
  static func expect(_ condition: @autoclosure () throws -> Bool, _ message: @autoclosure () -> String) rethrows {
    guard try condition() else { fatalError("Consumer: \(message())") }
  }

  /// Generic code over the engine's scalars compiles and runs outside the package.
  static func scalars() {
    func hypotenuse<S: Scalar>(_ a: S, _ b: S) -> S { (a * a + b * b).squareRoot() }
    expect(hypotenuse(Float(3), 4) == 5, "Float: the hypotenuse of 3 and 4 is not 5")
    expect(hypotenuse(3.0, 4.0) == 5, "Double: the hypotenuse of 3 and 4 is not 5")
  }
}
