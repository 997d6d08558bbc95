import Testing

/// The fixtures themselves: a damaged or half-written file must not look like a passed comparison.
@Suite("Reference cases")
struct ReferenceCaseTests {
  @Test("are complete and consistent")
  func consistency() throws {
    let cases = try ReferenceCase.all()
    #expect(cases.count >= 270)
    #expect(Set(cases.map(\.name)).count == cases.count)
    for reference in cases {
      #expect(reference.gradients.count == reference.inputs.count, "\(reference.name)")
      #expect(reference.upstream.shape == reference.output.shape, "\(reference.name)")
      #expect(reference.output.shape.reduce(1, *) == reference.output.values.count, "\(reference.name)")
      for (input, gradient) in zip(reference.inputs, reference.gradients) {
        #expect(input.shape.reduce(1, *) == input.values.count, "\(reference.name): \(input.name)")
        if let gradient { #expect(gradient.shape == input.shape, "\(reference.name): \(input.name)") }
      }
    }
  }

  @Test("attributes keep their kinds")
  func attributes() throws {
    let reference = try #require(ReferenceCase.all().first { $0.name == "convolution_stride2_groups2" })
    #expect(try reference.number("groups") == 2)
    #expect(try reference.list("padding") == [1, 1, 1, 1])
    #expect(try reference.word("paddingMode") == "explicit")
    #expect(throws: ReferenceCase.MissingAttribute.self) { try reference.flag("groups") }
  }

  @Test("agree with central differences of a formula written here")
  func softsign() throws {
    let reference = try #require(ReferenceCase.all().first { $0.name == "softsign" })
    func value(_ x: Double) -> Double { x / (1 + abs(x)) }
    let input = reference.inputs[0].values
    #expect(furthest(input.map(value), from: reference.output.values).error < 1e-11)
    let slopes = input.map { (value($0 + 1e-6) - value($0 - 1e-6)) / 2e-6 }
    let gradient = zip(slopes, reference.upstream.values).map { $0 * $1 }
    #expect(furthest(gradient, from: try #require(reference.gradients[0]).values).error < 1e-8)
  }

  @Test("the furthest value is found, a NaN before all")
  func comparison() {
    #expect(furthest([1, 2, 3], from: [1, 2.5, 3.1]).index == 1)
    #expect(furthest([1e6, 2], from: [1e6 + 1, 2]).error < 1.1e-6)
    #expect(furthest([1, .nan, 9], from: [1, 2, 3]) == (1, .infinity))
  }
}
