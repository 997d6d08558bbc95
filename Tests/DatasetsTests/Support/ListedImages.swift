import Datasets

/// Images in a list; image i has class i modulo 2.
struct ListedImages: ImageSource {
  let images: [Image]
  let classNames = ["even", "odd"]

  init(_ images: [Image]) { self.images = images }

  var count: Int { images.count }
  func image(_ index: Int) -> Image { images[index] }
  func classIndex(of index: Int) -> Int { index % 2 }
  func name(of index: Int) -> String { "image \(index)" }
}
