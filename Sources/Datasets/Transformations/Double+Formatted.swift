extension Double {
  /// Without a decimal point where the number is whole.
  var formatted: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}

extension [Double] {
  /// Rounded to four digits after the point, as in "(0.4914, 0.4822, 0.4465)".
  var formatted: String {
    "(" + map { (($0 * 1e4).rounded() / 1e4).formatted }.joined(separator: ", ") + ")"
  }
}
