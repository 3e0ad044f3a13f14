extension PickleMachine {
  mutating func executeContainer(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .emptyList: try push(.list([]))
    case .emptyTuple: try push(.tuple([]))
    case .emptyDict: try push(.dictionary([]))
    case .emptySet: try push(.set([]))
    case .list: try push(.list(try popToMark()))
    case .tuple: try push(.tuple(try popToMark()))
    case .frozenSet: try push(.set(try popToMark()))
    case .dict: try push(.dictionary(try pairs(try popToMark())))
    case .tuple1: try push(.tuple([try pop()]))
    case .tuple2:
      let second = try pop()
      try push(.tuple([try pop(), second]))
    case .tuple3:
      let third = try pop()
      let second = try pop()
      try push(.tuple([try pop(), second, third]))
    case .append:
      let item = try pop()
      try append([item], to: try top())
    case .appends, .addItems:
      let items = try popToMark()
      try append(items, to: try top())
    case .setItem:
      let value = try pop()
      let key = try pop()
      try setItems([PicklePair(key: key, value: value)], of: try top())
    case .setItems:
      let items = try pairs(try popToMark())
      try setItems(items, of: try top())
    default: preconditionFailure("\(opcode) is no container instruction")
    }
  }

  private func pairs(_ items: [PickleRef]) throws(CheckpointError) -> [PicklePair] {
    guard items.count.isMultiple(of: 2) else { throw expected(.pairs) }
    return stride(from: 0, to: items.count, by: 2).map {
      PicklePair(key: items[$0], value: items[$0 + 1])
    }
  }

  private mutating func append(
    _ items: [PickleRef], to target: PickleRef
  ) throws(CheckpointError) {
    if heap.append(items, to: target) { return }
    // What a foreign class makes of its elements is its own affair.
    guard case .object = heap[target] else { throw expected(.listOrSet) }
  }

  private mutating func setItems(
    _ items: [PicklePair], of target: PickleRef
  ) throws(CheckpointError) {
    if heap.append(items, to: target) { return }
    guard case .object(var object) = heap[target] else { throw expected(.dictionary) }
    if let known = object.items {
      _ = heap.append(items, to: known)
    } else {
      object.items = try add(.dictionary(items))
      heap.replace(target, with: .object(object))
    }
  }
}
