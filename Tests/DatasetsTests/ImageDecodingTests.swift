import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImageDecodingTests {
  @Test(arguments: ImageFixtures.names)
  func readsEverySampleAsTheReferenceDoes(_ name: String) throws {
    let image = try Image(contentsOf: ImageFixtures.url(name))
    // Levels of 16 bits and those laid over a background are rounded in another order; JPEG's integers are the same ones.
    #expect(ImageFixtures.distance(image, try ImageFixtures.expected(name)) <= (name.contains("16") ? 1e-4 : 0))
  }

  @Test(arguments: ["rgba8.png", "rgba16.png", "greyalpha8.png", "palettealpha.png", "rgbkey.png"])
  func alphaCanBeDropped(_ name: String) throws {
    let image = try Image(contentsOf: ImageFixtures.url(name), decoding: ImageDecoding(alpha: .dropped))
    #expect(ImageFixtures.distance(image, try ImageFixtures.expected("\(name) dropped")) <= 1e-4)
    #expect(image != (try Image(contentsOf: ImageFixtures.url(name))))
  }

  @Test func alphaIsLaidOverTheBackgroundThatIsChosen() throws {
    let decoding = ImageDecoding(alpha: .composited(red: 10, green: 200, blue: 30))
    let image = try Image(contentsOf: ImageFixtures.url("rgba8.png"), decoding: decoding)
    #expect(ImageFixtures.distance(image, try ImageFixtures.expected("rgba8.png over 10 200 30")) == 0)
  }

  @Test(arguments: 1...8)
  func camerasThatWereTurned(_ orientation: Int) throws {
    let name = "turned\(orientation).jpg"
    let upright = try Image(contentsOf: ImageFixtures.url(name))
    #expect(ImageFixtures.distance(upright, try ImageFixtures.expected(name)) == 0)
    let stored = try Image(contentsOf: ImageFixtures.url(name), decoding: ImageDecoding(turnsUpright: false))
    #expect(ImageFixtures.distance(stored, try ImageFixtures.expected("\(name) as stored")) == 0)
  }

  @Test(arguments: ["rgb8.png", "grey8.png", "one.png", "rgb16.png"])
  func whatIsWrittenIsReadAgain(_ name: String) throws {
    let folder = try TemporaryFolder()
    let image = try Image(contentsOf: ImageFixtures.url(name))
    let url = folder.url.appendingPathComponent("copy.png")
    try image.writePNG(to: url)
    #expect(try Image(contentsOf: url).pixels == .bytes(image.bytes))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["copy.png"])
  }

  @Test func levelsAreHeldWithinBytes() {
    let image = Image(height: 1, width: 5, channels: 1, levels: [-3, 0.5, 254.4, 300, .nan])
    #expect(image.bytes == [0, 1, 254, 255, 0])
  }

  @Test func whatCannotBeWrittenIsNamed() throws {
    let folder = try TemporaryFolder()
    let image = Image(height: 1, width: 1, channels: 2, bytes: [1, 2])
    let error = #expect(throws: ImageError.self) {
      try image.writePNG(to: folder.url.appendingPathComponent("two.png"))
    }
    #expect(error?.reason == .channels(found: 2))
    let missing = folder.url.appendingPathComponent("no/such.png")
    let failure = #expect(throws: ImageError.self) {
      try Image(height: 1, width: 1, channels: 1, bytes: [1]).writePNG(to: missing)
    }
    #expect(failure.map { "\($0)".contains(missing.path) } == true)
  }
}
