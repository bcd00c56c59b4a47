import Accumulators
import Dataflow

/// A piece of a window's content that does not change any more.
struct ContentPart: Sendable {
  /// Unique within a run; a checkpoint writes a part that it knows already only by its id.
  let id: Int
  private(set) var content: PaneContent
  /// Bytes in memory: asked of every part at every checkpoint.
  private(set) var byteCount: Int
  /// Bytes in memory and outside of it.
  fileprivate let wholeByteCount: Int

  init(id: Int, content: PaneContent) {
    self.id = id
    self.content = content
    byteCount = content.byteCount
    wholeByteCount = byteCount + content.spilledByteCount
  }

  fileprivate mutating func spill(to store: any SpillStore) {
    content.spill(to: store)
    byteCount = content.byteCount
  }
}

/// What a window holds outside the workers, as parts whose sum is the content.
///
/// What a checkpoint takes out of the workers becomes a new part beside the ones there are, so that
/// only it must be written. A part at least half as large as the one before it is merged with
/// that: there are O(log) parts, and every byte is rewritten O(log) times.
struct HeldContent: Sendable {
  private(set) var parts: [ContentPart] = []

  init(_ parts: [ContentPart] = []) { self.parts = parts }

  var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

  var isEmpty: Bool { parts.isEmpty }

  /// Adds a part; `nextID` is the id of the next new one.
  mutating func append(_ content: PaneContent, nextID: inout Int) {
    var part = ContentPart(id: nextID, content: content)
    while !parts.isEmpty, 2 * part.wholeByteCount >= parts[parts.count - 1].wholeByteCount {
      var merged = parts.removeLast().content
      merged.merge(part.content)
      part = ContentPart(id: nextID, content: merged)
    }
    parts.append(part)
    nextID += 1
  }

  var spillableByteCount: Int { parts.reduce(0) { $0 + $1.content.spillableByteCount } }

  /// Puts away what states can have outside of memory; the parts stay those they are.
  mutating func spill(to store: any SpillStore) {
    for index in parts.indices { parts[index].spill(to: store) }
  }

  /// The whole content; nothing is held after it.
  mutating func take() -> PaneContent? {
    guard var content = parts.first?.content else { return nil }
    for part in parts.dropFirst() { content.merge(part.content) }
    parts = []
    return content
  }
}
