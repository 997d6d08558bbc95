/// The tensors and remarks of a pickled dictionary, under names joined by points.
struct StateDictionary {
  private(set) var tensors: [(name: String, tensor: PickledTensor)] = []
  private(set) var metadata: [String: String] = [:]
  private var (visits, nameBytes) = (0, 0)

  /// How deep dictionaries, lists and tuples may lie in one another, and how many values they may have, each counted as
  /// often as it is met: values that hold one another several times could otherwise go on for ever.
  private static let (depthLimit, visitLimit) = (16, 1_000_000)
  /// How long all names may be together: each holds those of the dictionaries around it.
  private static let nameLimit = 64 << 20

  /// Collects what `value` holds.
  init(_ value: PickleValue, of machine: PickleMachine) throws(InterchangeError) {
    guard case .dictionary = value else {
      throw machine.malformed("a dictionary of tensors", value.kind)
    }
    try collect(value, name: "", depth: 0, machine)
  }

  private mutating func collect(
    _ value: PickleValue, name: String, depth: Int, _ machine: PickleMachine
  ) throws(InterchangeError) {
    visits += 1
    guard visits <= Self.visitLimit, depth <= Self.depthLimit else {
      throw machine.error(.unsupported("a dictionary that holds itself, or more than \(Self.visitLimit) values"))
    }
    nameBytes += name.utf8.count
    guard nameBytes <= Self.nameLimit else {
      throw machine.error(.unsupported("names of more than \(Self.nameLimit) bytes together"))
    }
    func inner(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
    switch value {
    case .tensor(let index): tensors.append((name, machine.tensors[index]))
    case .dictionary(let index):
      for (key, value) in machine.dictionaries[index] {
        guard let text = key.literal else { throw machine.error(.unsupported("\(key.kind) as a key")) }
        try collect(value, name: inner(text), depth: depth + 1, machine)
      }
    case .list(let index): try collect(machine.lists[index], name: name, depth: depth, machine)
    case .tuple(let index): try collect(machine.tuples[index], name: name, depth: depth, machine)
    default:
      // Kept where it is one value of some length; the others are no weights.
      if let text = value.literal, text.utf8.count <= 4096 { metadata[name] = text }
    }
  }

  private mutating func collect(
    _ values: [PickleValue], name: String, depth: Int, _ machine: PickleMachine
  ) throws(InterchangeError) {
    for (index, value) in values.enumerated() {
      try collect(value, name: name.isEmpty ? "\(index)" : "\(name).\(index)", depth: depth + 1, machine)
    }
  }
}
