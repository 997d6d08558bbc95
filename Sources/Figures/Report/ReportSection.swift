import Studies

/// A part of the report: a heading, a few sentences on what is measured, and figures.
struct ReportSection: Sendable {
  let title: String
  let introduction: Markup
  var figures: [Figure]
  /// What stands below the leading figures.
  let table: Markup
  /// What the figures that are folded away show.
  let supplementTitle: String

  /// The figures that the report shows at once.
  var leading: [Figure] { figures.filter { !$0.isSupplement } }
  /// The figures that it folds away.
  var supplements: [Figure] { figures.filter(\.isSupplement) }

  /// A section whose leading figures stand first.
  init(
    title: String, introduction: Markup, figures: [Figure], table: Markup = "",
    supplementTitle: String = ""
  ) {
    self.title = title
    self.introduction = introduction
    self.table = table
    self.supplementTitle = supplementTitle
    self.figures = figures.filter { !$0.isSupplement } + figures.filter(\.isSupplement)
  }
}
