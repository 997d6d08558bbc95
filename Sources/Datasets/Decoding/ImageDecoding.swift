/// How files become images, where there is a choice.
public struct ImageDecoding: Sendable, Hashable, Codable {
  /// What happens with an alpha channel; images have none.
  public enum Alpha: Sendable, Hashable, Codable {
    /// The colours are laid over an opaque background, as a viewer does: level by level `a c + (1 - a) background`, each
    /// 0...255; grey images take the background's luma (``Image/luma``).
    case composited(red: UInt8, green: UInt8, blue: UInt8)
    /// The colours stay as the file has them, transparent ones too, as PIL's `convert("RGB")` and torchvision do.
    case dropped

    /// Laid over white.
    public static let compositedOverWhite = Alpha.composited(red: 255, green: 255, blue: 255)
  }

  /// The most pixels that an image may have: height times width, before anything is scaled.
  public var maximumPixels: Int
  /// What happens with an alpha channel.
  public var alpha: Alpha
  /// Whether a JPEG is turned as its EXIF orientation says; PIL and torchvision's `ImageFolder` leave it as it is stored.
  public var turnsUpright: Bool

  /// Chooses how files become images.
  ///
  /// - Parameters:
  ///   - maximumPixels: 100 million unless told, as of an image of 10,000x10,000.
  ///   - alpha: Laid over white unless told.
  ///   - turnsUpright: Whether EXIF's orientation is heeded.
  public init(maximumPixels: Int = 100_000_000, alpha: Alpha = .compositedOverWhite, turnsUpright: Bool = true) {
    self.maximumPixels = maximumPixels
    self.alpha = alpha
    self.turnsUpright = turnsUpright
  }

  /// What there is room for in a file: four samples of 16 bits a pixel, not compressed, and a megabyte of other things.
  var maximumBytes: Int {
    let (pixels, isTooLarge) = maximumPixels.multipliedReportingOverflow(by: 8)
    return isTooLarge || pixels > Int.max - 1 << 20 ? Int.max : pixels + 1 << 20
  }
}
