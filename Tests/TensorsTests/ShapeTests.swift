import Tensors
import Testing

struct ShapeTests {
  @Test func countsRanksAndStrides() {
    let shape: Shape = [5, 5, 6, 16]
    #expect(shape.count == 2400 && shape.rank == 4)
    #expect(shape.strides == [480, 96, 16, 1])
    #expect(shape[0] == 5 && shape[-1] == 16 && shape[-2] == 6)
    #expect(shape.description == "[5, 5, 6, 16]")
    #expect([64] + Shape([28, 28, 1]) == [64, 28, 28, 1])
  }

  @Test func scalarsAndEmptyShapes() {
    let scalar: Shape = []
    #expect(scalar.count == 1 && scalar.rank == 0 && scalar.strides == [])
    #expect(Shape([3, 0, 2]).count == 0)
  }

  @Test func extentsFromOutsideAreChecked() {
    #expect(throws: ShapeError.negativeExtent([2, -1])) { try Shape(validating: [2, -1]) }
    #expect(throws: ShapeError.tooManyElements([1 << 40, 1 << 40])) { try Shape(validating: [1 << 40, 1 << 40]) }
    // An empty tensor however large its other extents.
    #expect((try? Shape(validating: [1 << 40, 1 << 40, 0]))?.count == 0)
    #expect(ShapeError.negativeExtent([2, -1]).description.contains("[2, -1]"))
  }

  @Test(
    arguments: [
      ([], 1, 1), ([7], 7, 7), ([784, 100], 784, 100), ([5, 5, 6, 16], 150, 400), ([3, 2, 4], 6, 12),
      ([2, 3, 4, 5, 6], 120, 144),
    ] as [(Shape, Int, Int)])
  func fansFollowKeras(_ shape: Shape, _ fanIn: Int, _ fanOut: Int) {
    #expect(Fans.of(shape: shape) == Fans(fanIn: fanIn, fanOut: fanOut))
    #expect(Fans.of(shape: shape).average == Double(fanIn + fanOut) / 2)
  }

  @Test func fansOfEmptyShapesDoNotOverflow() {
    #expect(Fans.of(shape: [1 << 40, 1 << 40, 0, 3]) == Fans(fanIn: 0, fanOut: .max))
  }
}
