import Foundation
import Testing

@testable import Figures
@testable import Training

@Suite("training curves")
struct TrainingCurvesTests {
  private func history(validates: Bool = true) throws -> History {
    let epochs = [(2.3, 0.9, 2.1, 0.8), (1.5, 0.6, 1.4, 0.45), (1.1, 0.4, 1.6, 0.5)]
    var text = epochs.enumerated().map { index, epoch in
      #"{"epoch":\#(index + 1),"learningRate":0.1,"loss":\#(epoch.0),"error":\#(epoch.1),"seconds":2"#
        + (validates ? #","validationLoss":\#(epoch.2),"validationError":\#(epoch.3)}"# : "}")
    }.joined(separator: ",")
    text = #"{"epochs":[\#(text)],"stepLosses":[],"wasStopped":false}"#
    return try JSONDecoder().decode(History.self, from: Data(text.utf8))
  }

  @Test("the table has every number, and the conclusion the last and the smallest error")
  func table() throws {
    let figure = try #require(TrainingCurves(try history(), name: "VGG 16, bn", subject: "a network")).figure
    #expect(figure.name == "vgg-16-bn")
    #expect(
      figure.csv == """
        epoch,learning_rate,train_loss,test_loss,train_error,test_error,seconds
        1,0.1,2.3,2.1,0.9,0.8,2.0
        2,0.1,1.5,1.4,0.6,0.45,2.0
        3,0.1,1.1,1.6,0.4,0.5,2.0

        """)
    #expect(
      figure.conclusion.contains("test error is 50\u{A0}%, its smallest was 45\u{A0}% after epoch 2")
        && figure.conclusion.contains("falls from 2.3"), "\(figure.conclusion)")
    #expect(TrainingCurves(History(), name: "x", subject: "y") == nil)
    let alone = try #require(TrainingCurves(try history(validates: false), name: "x", subject: "y")).figure
    #expect(!alone.conclusion.contains("test") && alone.csv.contains("1,0.1,2.3,,0.9,,2.0"), "\(alone.conclusion)")
  }

  @Test("both panels are drawn", .enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func drawn() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try #require(TrainingCurves(try history(), name: "x", subject: "a network")).write(to: folder)
    let picture = try String(contentsOf: try #require(files.picture), encoding: .utf8)
    #expect(files.notice == nil && XMLCheck().isWellFormed(picture) && picture.contains("error (%)"))
    // Without gnuplot an older picture does not stay beside newer data.
    let again = try #require(TrainingCurves(try history(), name: "x", subject: "a network"))
      .write(to: folder, gnuplot: nil)
    #expect(again.picture == nil && again.notice == Gnuplot.installationHint)
    #expect(!FileManager.default.fileExists(atPath: try #require(files.picture).path))
    let blocked = folder.appendingPathComponent("file")
    try Data().write(to: blocked)
    #expect(throws: ReportError.self) { try TrainingCurves(try history(), name: "x", subject: "y")?.write(to: blocked) }
  }
}
