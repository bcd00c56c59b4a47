import Dataflow
import EventTime

/// The rows of windows that are put together from slices, counted by slice.
struct SlicedRows: Sendable {
  private struct Slot: Hashable {
    var slice: Window
    /// The rows count to the windows that end after this.
    var after: Timestamp
  }

  private let sliced: SlicedWindows
  /// In order of ``isOrdered(_:_:)``.
  private var slots: [(slot: Slot, rows: Int)] = []

  init(_ sliced: SlicedWindows) { self.sliced = sliced }

  private static func isOrdered(_ one: Slot, _ two: Slot) -> Bool {
    (one.slice, one.after) < (two.slice, two.after)
  }

  /// Adds the rows of a slice; `false` if they are of a window.
  mutating func add(_ admitted: AdmittedRows) -> Bool {
    guard sliced.isSlice(admitted.slot.window) else { return false }
    let slot = Slot(slice: admitted.slot.window, after: admitted.slot.release)
    // Nearly always among the last.
    let place = (slots.lastIndex { !Self.isOrdered(slot, $0.slot) } ?? -1) + 1
    if place > 0, slots[place - 1].slot == slot {
      slots[place - 1].rows += admitted.count
    } else {
      slots.insert((slot, admitted.count), at: place)
    }
    return true
  }

  /// The windows that hold rows and end in the range, in order, with the number of these rows.
  func windows(
    endingAfter low: Timestamp, upTo high: Timestamp
  ) -> [(window: Window, rows: Int)] {
    // Windows end where slices do, and mostly none has ended.
    guard sliced.slices.window(for: high).start > low else { return [] }
    // A slot is a part of the windows from the first that ends after both its start and `after`.
    let entering = slots.sorted { Self.beginning($0.slot) < Self.beginning($1.slot) }
    var (entered, left, count) = (0, 0, 0)
    let windows = sliced.windows(
      holding: slots.map(\.slot.slice.start), endingAfter: low, upTo: high)
    return windows.compactMap { window in
      while entered < entering.count, Self.beginning(entering[entered].slot) < window.end {
        count += entering[entered].rows
        entered += 1
      }
      while left < slots.count, slots[left].slot.slice.start < window.start {
        count -= slots[left].rows
        left += 1
      }
      return count > 0 ? (window, count) : nil
    }
  }

  private static func beginning(_ slot: Slot) -> Timestamp { max(slot.slice.start, slot.after) }

  /// Forgets the slices of which every window ends at `time` or before.
  mutating func drop(upTo time: Timestamp) {
    let ended = slots.prefix { $0.slot.slice.start.advanced(by: sliced.windows.size) <= time }
    slots.removeFirst(ended.count)
  }

  /// For checkpoints; in order.
  var counts: [StageState.Count] {
    slots.map { slot, rows in
      StageState.Count(
        window: slot.slice, rows: rows, after: slot.after == .distantPast ? nil : slot.after)
    }
  }
}
