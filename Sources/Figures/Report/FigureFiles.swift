public import Foundation
import Tensors

/// The files of one figure, after they were written.
public struct FigureFiles: Sendable, Hashable {
  /// The data.
  public let data: URL
  /// The gnuplot script that draws it.
  public let script: URL
  /// The picture; nil where none was drawn.
  public let picture: URL?
  /// What the user should know: that gnuplot is missing and how to install it, or what it failed to draw.
  public let notice: String?

  /// Draws a figure and writes it into the folders `data` and `figures` of a directory, which are made where they are missing.
  ///
  /// - Throws: `ReportError` where a file cannot be written.
  init(writing figure: Figure, to directory: URL, gnuplot: Gnuplot?) throws(ReportError) {
    for folder in [directory, Self.data(directory), Self.drawings(directory)] { _ = try ReportFolder.make(folder.path) }
    var figure = figure
    var notice: String?
    do throws(GnuplotError) {
      if let gnuplot { figure.svg = try gnuplot.draw(figure) } else { notice = Gnuplot.installationHint }
    } catch {
      notice = error.description
    }
    try self.init(writing: figure, in: directory, notice: notice)
  }

  /// Writes a figure as it is, drawn or not, into the folders `data` and `figures` of a directory.
  init(writing figure: Figure, in directory: URL, notice: String? = nil) throws(ReportError) {
    self.notice = notice
    data = Self.data(directory).appendingPathComponent("\(figure.name).csv")
    script = Self.drawings(directory).appendingPathComponent("\(figure.name).gnuplot")
    let place = Self.drawings(directory).appendingPathComponent("\(figure.name).svg")
    try Self.write(Data(figure.csv.utf8), to: data)
    try Self.write(Data(figure.script.utf8), to: script)
    if let svg = figure.svg {
      try Self.write(Data(svg.utf8), to: place)
      picture = place
    } else {
      // A picture of earlier results beside the data of these would be taken for theirs.
      try? FileManager.default.removeItem(at: place)
      picture = nil
    }
  }

  /// The folder of the data in a report's.
  static func data(_ directory: URL) -> URL { directory.appendingPathComponent("data") }

  /// The folder of the scripts and pictures in a report's.
  static func drawings(_ directory: URL) -> URL { directory.appendingPathComponent("figures") }

  /// Writes one file of a report.
  static func write(_ data: Data, to url: URL) throws(ReportError) {
    do {
      try AtomicFile.write(data, to: url)
    } catch {
      throw .cannotWrite(path: url.path, reason: "\(error)")
    }
  }
}
