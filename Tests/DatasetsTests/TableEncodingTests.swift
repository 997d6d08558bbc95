import Datasets
import Testing

@Suite struct TableEncodingTests {
  private let table = try! Table(
    csv: "size,region,floor,odd\n10,west,1,1\n20,east,2,2\n30,north,1,x\n40,east,3,4\n")

  @Test func categoriesAreOneHotWithABaseline() throws {
    let encoding = try TableEncoding(of: table, columns: ["region", "size", "floor"], categorical: ["floor"])
    #expect(encoding.featureNames == ["region=north", "region=west", "size", "floor=2", "floor=3"])
    #expect(encoding.columns.map(\.baseline) == ["east", nil, "1"])
    #expect(
      try encoding.encode(table) == [
        0, 1, 10, 0, 0,
        0, 0, 20, 1, 0,
        1, 0, 30, 0, 0,
        0, 0, 40, 0, 1,
      ])
    #expect(try encoding.encode(table, rows: [3, 0]) == [0, 0, 40, 0, 1, 0, 1, 10, 0, 0])
  }

  @Test func rowsThatDoNotCountBringNoCategories() throws {
    let encoding = try TableEncoding(of: table, columns: ["region"], rows: [0, 1])
    #expect(encoding.featureNames == ["region=west"])
    let error = try #require(throws: TableError.self) { try encoding.encode(table) }
    #expect(error.reason == .unknownCategory && error.line == 4 && error.column == "region")
    #expect(error.found == "'north'" && error.expected.contains("east, west"))
  }

  @Test func oneCategoryIsNoColumn() throws {
    let encoding = try TableEncoding(of: table, columns: ["region", "size"], rows: [1, 3])
    #expect(encoding.featureNames == ["size"])
    #expect(try encoding.encode(table, rows: [1, 3]) == [20, 40])
    #expect(try TableEncoding(columns: []).encode(table) == [])
  }

  @Test func textAmidNumbersIsAnErrorUnlessItIsNamed() throws {
    let encoding = try TableEncoding(of: table, columns: ["odd"])
    let error = try #require(throws: TableError.self) { try encoding.encode(table) }
    #expect(error.reason == .notANumber && error.line == 4 && error.found == "'x'")
    let named = try TableEncoding(of: table, columns: ["odd"], categorical: ["odd"])
    #expect(named.featureNames == ["odd=2", "odd=4", "odd=x"])
  }

  @Test func otherTables() throws {
    let encoding = try TableEncoding(of: table, columns: ["size", "region"])
    let moved = try Table(csv: "extra,region,size\n?,north,5\n")
    #expect(try encoding.encode(moved) == [5, 1, 0])
    let lacking = try Table(csv: "region\nnorth\n")
    #expect(try #require(throws: TableError.self) { try encoding.encode(lacking) }.reason == .missingColumn)
    let hole = try Table(csv: "size,region\n1,NA\n")
    let error = try #require(throws: TableError.self) { try encoding.encode(hole) }
    #expect(error.reason == .missingValue && error.line == 2 && error.column == "region")
  }

  @Test func namesThatMeet() throws {
    let table = try Table(csv: "a,a=y\nx,1\ny,2\n")
    let error = try #require(throws: TableError.self) { try TableEncoding(of: table, columns: ["a", "a=y"]) }
    #expect(error.reason == .duplicateName && error.column == "a=y")
  }
}
