import Accumulators
import Dataflow
import EventTime

/// What is held of one stage outside the workers: what panes have shown and windows keep, and rows
/// that a checkpoint took out of the workers.
struct HeldStage: Sendable {
  typealias HeldSlot = (slot: RowSlot, content: HeldContent)

  private struct Place: Hashable, Comparable {
    var window: Window
    var release: Timestamp

    static func < (one: Place, two: Place) -> Bool {
      (one.window, one.release) < (two.window, two.release)
    }
  }

  private let isMerging: Bool
  private var contents: [[KeyValue]: [Place: HeldContent]] = [:]

  init(_ stage: Stage) { isMerging = stage.windowing.windowFn.isMerging }

  /// Adds to what `slot` holds; `nextID` is the id of the next new part.
  mutating func append(_ content: PaneContent, to slot: RowSlot, nextID: inout Int) {
    let place = Place(window: slot.window, release: slot.release)
    contents[slot.key, default: [:]][place, default: HeldContent()]
      .append(content, nextID: &nextID)
  }

  /// What `slot` holds is `content`.
  mutating func restore(_ content: HeldContent, to slot: RowSlot) {
    guard !content.isEmpty else { return }
    let place = Place(window: slot.window, release: slot.release)
    contents[slot.key, default: [:]][place] = content
  }

  /// Takes out what belongs to a pane of `window`: rows on time, and rows behind that are released
  /// at `horizon` or before; of windows that merge, of all that are part of it.
  mutating func take(
    _ window: Window, of key: [KeyValue], upTo horizon: Timestamp
  ) -> PaneContent? {
    guard var places = contents.removeValue(forKey: key) else { return nil }
    defer { if !places.isEmpty { contents[key] = places } }
    guard isMerging else {
      let ends = window.end
      var onTime = places.removeValue(forKey: Place(window: window, release: .distantPast))
      guard horizon >= ends else { return onTime?.take() }
      var behind = places.removeValue(forKey: Place(window: window, release: ends))
      return PaneContent.merged([onTime?.take(), behind?.take()])
    }
    let taken = places.keys.filter { $0.window.intersects(window) && $0.release <= horizon }
    return PaneContent.merged(
      taken.map { place in
        var content = places.removeValue(forKey: place)
        return content?.take()
      })
  }

  var byteCount: Int {
    contents.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.byteCount } }
  }

  var spillableByteCount: Int {
    contents.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.spillableByteCount } }
  }

  /// Puts away what states can have outside of memory.
  mutating func spill(to store: any SpillStore) {
    for key in contents.keys {
      for place in contents[key, default: [:]].keys { contents[key]?[place]?.spill(to: store) }
    }
  }

  /// Every slot that holds something, with its content, ascending.
  var slots: [HeldSlot] {
    // Keys and places alone are sorted: contents count references whenever they move.
    contents.keys.sorted { KeyTable.isOrdered($0, before: $1) }.flatMap { key in
      let places = contents[key, default: [:]]
      return places.keys.sorted().compactMap { place in
        places[place].map {
          (slot: RowSlot(key: key, window: place.window, release: place.release), content: $0)
        }
      }
    }
  }
}
