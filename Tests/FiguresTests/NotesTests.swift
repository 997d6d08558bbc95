import Studies
import Testing

@testable import Figures

@Suite struct ParagraphTests {
  @Test func linesAreAsLongAsTheyMayBe() {
    #expect(Paragraph.wrapped("aa bb cc dd", width: 5) == "aa bb\ncc dd")
    #expect(Paragraph.wrapped("aa bb cc dd", width: 4) == "aa\nbb\ncc\ndd")
    #expect(Paragraph.wrapped("a longword b", width: 4) == "a\nlongword\nb")
    #expect(Paragraph.wrapped("", width: 4) == "")
  }
}

@Suite struct PlateauTests {
  @Test func whatHasLearntNothingIsNamed() throws {
    // Of these only zeros stay where they are.
    let learning = SyntheticStudy().results
    let zeros = try #require(Plateau(learning.groups(.comparison))?.sentence)
    #expect(zeros.contains("MLP, tanh, after 2,000 updates under zeros. Zero weights stay there"))
    #expect(!zeros.contains("standard") && !zeros.contains("LeNet"))
    #expect(Plateau(SyntheticStudy(initializers: ["standard"]).results.groups(.comparison)) == nil)
    // After no update to speak of, none has learnt anything.
    let short = SyntheticStudy(initializers: ["standard", "glorot_uniform"], steps: 1).results
    let groups = short.groups(.comparison).filter { $0.model == "mlp" }
    let sentence = try #require(Plateau(groups)?.sentence)
    #expect(sentence.contains("MLP, tanh, after 1 update under every initializer. That shows how slowly"))
    #expect(ComparisonTable(short).testErrors?.note.contains("Still guessing") == true)
    #expect(ComparisonTable(short).notes().contains("Still guessing"))
  }

  /// A loss may stay at that of guessing while the answers are better: too large weights are wrong with certainty.
  @Test func whoAnswersBetterThanByGuessingHasLearnt() throws {
    var results = SyntheticStudy(initializers: ["standard", "glorot_uniform"], steps: 1).results
    for index in results.runs.indices where results.runs[index].initializer == "standard" {
      results.runs[index].testError = 0.84
    }
    let groups = results.groups(.comparison).filter { $0.model == "mlp" }
    #expect(try #require(Plateau(groups)?.sentence).contains("under glorot_uniform."))
  }
}
