import ArgumentParser

struct Study: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a study and write its report with figures.",
    subcommands: [StudyRegularization.self, StudyTransfer.self])
}
