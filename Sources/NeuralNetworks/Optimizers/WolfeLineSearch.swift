/// A step length that satisfies the strong Wolfe conditions, by bracketing and cubic interpolation.
///
/// Where two values differ by no more than their rounding, the decrease is judged by the slope instead (Hager and Zhang 2005,
/// equation 4.1): otherwise no step close to a minimum would pass. Source: Nocedal and Wright (2006), algorithms 3.5 and 3.6.
struct WolfeLineSearch {
  /// c₁ of the sufficient decrease.
  var decrease = 1e-4
  /// c₂ of the curvature condition.
  var curvature = 0.9
  /// How often the function is evaluated at most.
  var maximumEvaluations = 30
  /// By how much, relative to the value, two equal values may differ.
  let resolution: Double

  private struct Trial {
    let step: Double
    let slope: Double
    let point: Point
  }

  init(resolution: Double) { self.resolution = resolution }

  /// The accepted point, or `nil` where no step lowers the value.
  func run(
    from start: Point, _ direction: [Double], _ startSlope: Double, firstStep: Double,
    _ evaluate: ([Double]) throws -> Point
  ) throws -> Point? {
    var evaluations = 0
    func trial(_ step: Double) throws -> Trial {
      evaluations += 1
      let point = try evaluate(zip(start.position, direction).map { $0 + step * $1 })
      return Trial(step: step, slope: dot(point.gradient, direction), point: point)
    }
    func isLower(_ trial: Trial) -> Bool {
      guard trial.point.isFinite else { return false }
      if trial.point.value <= start.value + decrease * trial.step * startSlope { return true }
      return trial.point.value <= start.value + resolution * abs(start.value)
        && trial.slope <= (2 * decrease - 1) * startSlope
    }
    func isFlat(_ trial: Trial) -> Bool { abs(trial.slope) <= -curvature * startSlope }

    var low = Trial(step: 0, slope: startSlope, point: start)
    var high: Trial?
    var step = firstStep
    while evaluations < maximumEvaluations {
      let current = try trial(step)
      let isAscent = current.point.value > low.point.value + resolution * abs(start.value)
      if !isLower(current) || (low.step > 0 && isAscent) {
        high = current
      } else if isFlat(current) {
        return current.point
      } else {
        // The slope says on which side of the new best point the minimum lies.
        if let end = high {
          if current.slope * (end.step - low.step) >= 0 { high = low }
        } else if current.slope >= 0 {
          high = low
        }
        low = current
      }
      if let end = high {
        step = Self.interpolated(low, end)
        if abs(end.step - low.step) <= 1e-14 * max(abs(low.step), abs(end.step)) { break }
      } else {
        step = 2 * low.step
      }
    }
    // Whatever lowers the value is better than nothing.
    return low.step > 0 && low.point.value < start.value ? low.point : nil
  }

  /// The minimum of the cubic through both ends, kept off them; the middle where there is none.
  private static func interpolated(_ a: Trial, _ b: Trial) -> Double {
    let middle = (a.step + b.step) / 2
    guard b.point.isFinite else { return a.step + (b.step - a.step) / 10 }
    let first = a.slope + b.slope - 3 * (a.point.value - b.point.value) / (a.step - b.step)
    let radicand = first * first - a.slope * b.slope
    guard radicand >= 0 else { return middle }
    let second = (b.step > a.step ? 1 : -1) * radicand.squareRoot()
    let minimum = b.step - (b.step - a.step) * (b.slope + second - first) / (b.slope - a.slope + 2 * second)
    let (lower, upper) = (min(a.step, b.step), max(a.step, b.step))
    let margin = 0.1 * (upper - lower)
    return minimum.isFinite ? min(max(minimum, lower + margin), upper - margin) : middle
  }
}
