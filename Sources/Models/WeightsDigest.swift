public import BLAS
public import Tensors

/// The hash by which a file of weights is known: of every variable's name, shape and elements, whatever else the file says.
public enum WeightsDigest {
  /// The key of a file's metadata under which the hash stands.
  public static let key = "sha256"

  /// SHA-256 in 64 hexadecimal digits: the variables in the order of their names' UTF-8, each as its name, a zero byte, its
  /// extents joined by commas, a zero byte, and its elements in single precision, little-endian.
  public static func sha256(of weights: [String: Tensor<Float>]) -> String {
    var hash = SHA256()
    for (name, tensor) in weights.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      hash.update("\(name)\0\(tensor.shape.dimensions.map(String.init).joined(separator: ","))\0")
      tensor.withUnsafeBufferPointer { hash.update(UnsafeRawBufferPointer($0)) }
    }
    return hash.hexadecimal
  }
}
