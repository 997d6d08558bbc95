public import Foundation

/// What a report consists of, after it was written.
public struct ReportFiles: Sendable, Hashable {
  /// The page.
  public let index: URL
  /// The results as JSON, with the conclusions of the figures.
  public let results: URL
  /// The data of each figure.
  public internal(set) var data: [URL]
  /// The gnuplot script of each figure.
  public internal(set) var scripts: [URL]
  /// The pictures that were drawn.
  public internal(set) var figures: [URL]
  /// What the user should know: that gnuplot is missing and how to install it, or what it failed to draw.
  public internal(set) var notice: String?
}
