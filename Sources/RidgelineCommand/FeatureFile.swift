/// What a file of features holds beside them.
enum FeatureFile {
  /// The tensor of the paths.
  static let paths = "files"
}
