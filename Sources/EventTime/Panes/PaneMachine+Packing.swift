/// A window in a checkpoint: its two times, a word of flags, and what the flags say there is.
///
/// | bits of the flags | meaning |
/// |---|---|
/// | 0…3 | there is: element hold, closing hold, event timer, processing timer |
/// | 4…7 | there is a last pane; it has a non-speculative index, is first, is last |
/// | 8, 9 | its timing: early, on time, late |
extension PaneMachine.State.Entry: Packable {
  private static let timings: [PaneTiming] = [.early, .onTime, .late]

  package func pack(into writer: inout PackedWriter) {
    let start = window.start
    let times = [state.elementHold, state.closingHold, state.eventTimer, state.processingTimer]
    var flags = 0
    for (bit, time) in times.enumerated() where time != nil { flags |= 1 << bit }
    if let pane = state.lastPane {
      flags |= 1 << 4
      if pane.nonSpeculativeIndex != nil { flags |= 1 << 5 }
      if pane.isFirst { flags |= 1 << 6 }
      if pane.isLast { flags |= 1 << 7 }
      flags |= (Self.timings.firstIndex(of: pane.timing) ?? 0) << 8
    }
    writer.append(window)
    writer.append(flags)
    for case let time? in times { writer.append(time, after: start) }
    if let pane = state.lastPane {
      writer.append(pane.index)
      if let index = pane.nonSpeculativeIndex { writer.append(index) }
    }
    writer.append(state.rows)
    writer.append(bits: state.trigger.finished)
    writer.append(state.trigger.slots.count)
    for slot in state.trigger.slots { slot.pack(into: &writer, after: start) }
    writer.append(state.mergedFrom.count)
    for window in state.mergedFrom { writer.append(window) }
    writer.append(state.supersedes.count)
    for reference in state.supersedes {
      writer.append(reference.window)
      writer.append(reference.index)
    }
  }

  package init(unpacking reader: inout PackedReader) throws(PackedReader.Broken) {
    window = try reader.readWindow()
    let start = window.start
    let flags = try reader.readInteger()
    state = WindowState(trigger: TriggerState(slots: []))
    if flags & 1 != 0 { state.elementHold = try reader.readTime(after: start) }
    if flags & 2 != 0 { state.closingHold = try reader.readTime(after: start) }
    if flags & 4 != 0 { state.eventTimer = try reader.readTime(after: start) }
    if flags & 8 != 0 { state.processingTimer = try reader.readTime(after: start) }
    if flags & 16 != 0 {
      let timing = flags >> 8 & 3
      guard timing < Self.timings.count else { throw PackedReader.Broken() }
      let index = try reader.readInteger()
      state.lastPane = PaneInfo(
        index: index, nonSpeculativeIndex: flags & 32 != 0 ? try reader.readInteger() : nil,
        timing: Self.timings[timing], isFirst: flags & 64 != 0, isLast: flags & 128 != 0)
    }
    state.rows = try reader.readInteger()
    state.trigger.finished = try reader.readBits()
    for _ in 0..<(try reader.readCount()) {
      state.trigger.slots.append(try TriggerState.Slot(unpacking: &reader, after: start))
    }
    for _ in 0..<(try reader.readCount()) { state.mergedFrom.append(try reader.readWindow()) }
    for _ in 0..<(try reader.readCount()) {
      let window = try reader.readWindow()
      state.supersedes.append(PaneReference(window: window, index: try reader.readInteger()))
    }
  }
}

extension TriggerState.Slot {
  /// A kind, and what it needs: 0 rows, 1 no time, 2 a time.
  fileprivate func pack(into writer: inout PackedWriter, after start: Timestamp) {
    switch self {
    case .rows(let count):
      writer.append(0)
      writer.append(count)
    case .fireAfter(nil): writer.append(1)
    case .fireAfter(let time?):
      writer.append(2)
      writer.append(time, after: start)
    }
  }

  fileprivate init(
    unpacking reader: inout PackedReader, after start: Timestamp
  ) throws(PackedReader.Broken) {
    switch try reader.readInteger() {
    case 0: self = .rows(try reader.readInteger())
    case 1: self = .fireAfter(nil)
    case 2: self = .fireAfter(try reader.readTime(after: start))
    default: throw PackedReader.Broken()
    }
  }
}
