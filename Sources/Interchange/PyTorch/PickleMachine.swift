/// Runs the part of Python's pickle language that state dictionaries are written in.
///
/// A pickle is a program for a stack machine; `pickle.load` lets it call anything by name. Here a name is either in the list
/// of ``PyTorchGlobals`` or an error that gives it and its place, and the few calls that there are build dictionaries and
/// views of storages. Everything that is built is paid for by bytes of the file: each instruction adds at most one value.
///
/// Source: Python's `Lib/pickletools.py`; which names, PyTorch's `torch/_weights_only_unpickler.py`.
struct PickleMachine {
  let stream: any ByteStream
  /// Where the instruction that is being carried out begins.
  private(set) var offset = 0

  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private(set) var tuples: [[PickleValue]] = []
  private(set) var lists: [[PickleValue]] = []
  private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  init(_ stream: any ByteStream) { self.stream = stream }

  /// Runs one pickle, which begins where the stream stands and ends with the instruction STOP.
  ///
  /// - Returns: What the pickle stands for.
  mutating func run() throws(InterchangeError) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      offset = stream.position
      let code = try byte()
      if code == UInt8(ascii: ".") {
        guard stack.count == 1, marks.isEmpty else { throw malformed("one value at the end", "\(stack.count)") }
        return stack[0]
      }
      try execute(code)
    }
  }

  private mutating func execute(_ code: UInt8) throws(InterchangeError) {
    switch code {
    case 0x80:
      let version = try byte()
      guard (1...5).contains(version) else { throw error(.unsupported("version \(version) of the pickle protocol")) }
    case 0x95: _ = try integer(8)  // FRAME: how far to read ahead.
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"):
      let value = try pop()
      stack += [value, value]
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.truth(true))
    case 0x89: stack.append(.truth(false))
    case UInt8(ascii: "K"): stack.append(.integer(try integer(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try integer(2)))
    case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try integer(4)))))
    case 0x8A: try pushLong(try integer(1))
    case 0x8B: try pushLong(try integer(4))
    case UInt8(ascii: "G"):
      let bits = try stream.read(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.number(Double(bitPattern: bits)))
    case UInt8(ascii: "X"): stack.append(.text(try text(try integer(4))))
    case 0x8C: stack.append(.text(try text(try integer(1))))
    case 0x8D: stack.append(.text(try text(try integer(8))))
    case UInt8(ascii: "U"): stack.append(.text(try text(try integer(1))))
    case UInt8(ascii: "T"): stack.append(.text(try text(try integer(4))))
    case UInt8(ascii: "C"): stack.append(.bytes(try stream.read(try integer(1))))
    case UInt8(ascii: "B"): stack.append(.bytes(try stream.read(try integer(4))))
    default: try executeStructure(code)
    }
  }

  private mutating func executeStructure(_ code: UInt8) throws(InterchangeError) {
    switch code {
    case UInt8(ascii: ")"): push(tuple: [])
    case 0x85: push(tuple: try pop(1))
    case 0x86: push(tuple: try pop(2))
    case 0x87: push(tuple: try pop(3))
    case UInt8(ascii: "t"): push(tuple: try popToMark())
    case UInt8(ascii: "]"), UInt8(ascii: "l"):
      lists.append(code == UInt8(ascii: "l") ? try popToMark() : [])
      stack.append(.list(lists.count - 1))
    case UInt8(ascii: "}"): pushDictionary()
    case UInt8(ascii: "d"):
      let items = try popToMark()
      let index = pushDictionary()
      try insert(items, into: index)
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"): try setItems(try pop(2))
    case UInt8(ascii: "u"): try setItems(try popToMark())
    case UInt8(ascii: "q"): memo[try integer(1)] = try top()
    case UInt8(ascii: "r"): memo[try integer(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(try integer(1))
    case UInt8(ascii: "j"): try recall(try integer(4))
    default: try executeCall(code)
    }
  }

  private mutating func executeCall(_ code: UInt8) throws(InterchangeError) {
    switch code {
    case UInt8(ascii: "c"):
      let (module, name) = (try line(), try line())
      try pushGlobal(module, name)
    case 0x93:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw malformed("a module and a name", "other values")
      }
      try pushGlobal(module, name)
    case UInt8(ascii: "Q"):
      guard case .tuple(let index) = try pop() else { throw malformed("a tuple that names a storage", "another value") }
      stack.append(try storage(tuples[index]))
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      let function = try pop()
      guard case .global(let name) = function, case .tuple(let index) = arguments else {
        throw malformed("a name and a tuple", "\(function.kind) and \(arguments.kind)")
      }
      stack.append(try call(name, tuples[index]))
    case UInt8(ascii: "b"):
      // A state dictionary's attributes are about the modules' versions.
      _ = try pop()
      guard case .dictionary = try top() else {
        throw error(.unsupported("an attribute of what is no dictionary"))
      }
    default:
      throw error(.unsupported("the instruction \(String(code, radix: 16, uppercase: true)) of a pickle"))
    }
  }
}

// MARK: - The stack

extension PickleMachine {
  func error(_ reason: InterchangeError.Reason) -> InterchangeError { stream.error(reason, at: offset) }

  func malformed(_ expected: String, _ found: String) -> InterchangeError {
    error(.malformed(expected: expected, found: found))
  }

  private func top() throws(InterchangeError) -> PickleValue {
    guard let value = stack.last, marks.last.map({ $0 < stack.count }) != false else {
      throw malformed("a value on the stack", "none")
    }
    return value
  }

  private mutating func pop() throws(InterchangeError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(InterchangeError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw malformed("\(count) values on the stack", "\(stack.count - (marks.last ?? 0))")
    }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  private mutating func popToMark() throws(InterchangeError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw malformed("a mark on the stack", "none") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func push(tuple values: [PickleValue]) {
    tuples.append(values)
    stack.append(.tuple(tuples.count - 1))
  }

  @discardableResult
  private mutating func pushDictionary() -> Int {
    dictionaries.append([])
    stack.append(.dictionary(dictionaries.count - 1))
    return dictionaries.count - 1
  }

  /// A new dictionary that is not on the stack.
  mutating func makeDictionary() -> PickleValue {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func append(_ values: [PickleValue]) throws(InterchangeError) {
    guard case .list(let index) = try top() else { throw malformed("a list", try top().kind) }
    lists[index] += values
  }

  private mutating func setItems(_ values: [PickleValue]) throws(InterchangeError) {
    guard case .dictionary(let index) = try top() else { throw malformed("a dictionary", try top().kind) }
    try insert(values, into: index)
  }

  private mutating func insert(_ values: [PickleValue], into index: Int) throws(InterchangeError) {
    guard values.count.isMultiple(of: 2) else { throw malformed("a value for every key", "a key without one") }
    for place in stride(from: 0, to: values.count, by: 2) {
      dictionaries[index].append((values[place], values[place + 1]))
    }
  }

  private mutating func recall(_ index: Int) throws(InterchangeError) {
    guard let value = memo[index] else { throw malformed("a value remembered as \(index)", "none") }
    stack.append(value)
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(InterchangeError) {
    let full = "\(module).\(name)"
    guard PyTorchGlobals.isKnown(full) else { throw error(.forbiddenGlobal(full)) }
    stack.append(.global(full))
  }

  private mutating func pushLong(_ count: Int) throws(InterchangeError) {
    let bytes = try stream.read(count)
    guard count <= 8 else { return stack.append(.largeInteger(bytes)) }
    let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // The sign is that of the last byte.
    let shift = 64 - 8 * count
    stack.append(.integer(count == 0 ? 0 : Int(Int64(truncatingIfNeeded: bits << UInt64(shift)) >> Int64(shift))))
  }
}

// MARK: - The bytes

extension PickleMachine {
  private func byte() throws(InterchangeError) -> UInt8 { try stream.read(1)[0] }

  /// A little-endian number without a sign.
  private func integer(_ count: Int) throws(InterchangeError) -> Int {
    let value = try stream.read(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let integer = Int(exactly: value) else { throw malformed("a number below 2⁶³", "\(value)") }
    return integer
  }

  private func text(_ count: Int) throws(InterchangeError) -> String {
    guard let text = String(validating: try stream.read(count), as: UTF8.self) else {
      throw malformed("a text in UTF-8", "other bytes")
    }
    return text
  }

  /// A name, which ends with its line.
  private func line() throws(InterchangeError) -> String {
    var bytes: [UInt8] = []
    while true {
      let next = try byte()
      if next == UInt8(ascii: "\n") { break }
      bytes.append(next)
      guard bytes.count <= 1024 else { throw malformed("a name", "a line of more than 1024 bytes") }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
