extension MNIST {
  /// A set that is published in MNIST's format: what its files and classes are called.
  public struct Family: Sendable, Hashable {
    /// What the training files' names begin with.
    public let trainPrefix: String
    /// What the test files' names begin with.
    public let testPrefix: String
    /// The names of the classes.
    public let classNames: [String]
    /// The label of the first class.
    public let firstLabel: UInt8
    /// Whether the files store an image column by column.
    public let isTransposed: Bool

    /// Describes a set; the defaults are MNIST's own.
    public init(
      classNames: [String], trainPrefix: String = "train", testPrefix: String = "t10k", firstLabel: UInt8 = 0,
      isTransposed: Bool = false
    ) {
      self.classNames = classNames
      self.trainPrefix = trainPrefix
      self.testPrefix = testPrefix
      self.firstLabel = firstLabel
      self.isTransposed = isTransposed
    }

    /// The handwritten digits.
    public static let digits = Family(classNames: (0...9).map(String.init))

    /// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): articles of clothing, under MNIST's file names.
    public static let fashion = Family(
      classNames: [
        "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
      ])

    /// Kuzushiji-MNIST (Clanuwat et al. 2018): cursive Japanese, under MNIST's file names.
    public static let kuzushiji = Family(classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"])

    /// The digits of EMNIST (Cohen et al. 2017): `emnist-digits-train-images-idx3-ubyte` and so on.
    public static let emnistDigits = emnist("digits", classNames: (0...9).map(String.init))

    /// The letters of EMNIST, upper and lower case together, labelled from 1.
    public static let emnistLetters = emnist(
      "letters", classNames: "abcdefghijklmnopqrstuvwxyz".map(String.init), firstLabel: 1)

    /// A split of EMNIST by its name in the files; its images are stored column by column.
    public static func emnist(_ split: String, classNames: [String], firstLabel: UInt8 = 0) -> Family {
      Family(
        classNames: classNames, trainPrefix: "emnist-\(split)-train", testPrefix: "emnist-\(split)-test",
        firstLabel: firstLabel, isTransposed: true)
    }
  }
}
