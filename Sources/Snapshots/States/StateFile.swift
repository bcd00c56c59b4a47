import ByteCoding
import FileIO

/// `state.bin`: the mergeable states of a pane, and what they are the states of.
///
/// | bytes | meaning |
/// |---|---|
/// | 10 | `limnostate` |
/// | 1 | format version, 1 |
/// | rest | one LZ4 frame: varint length, plan; then the content to the end |
///
/// Canonical: equal rows of equal plans give equal bytes. Windows are no part of it, so that the
/// sum of the hours of a day is the file of the day.
public struct StateFile: Hashable, Sendable {
  public static let name = "state.bin"
  static let magic = Array("limnostate".utf8)
  public static let formatVersion: UInt8 = 1

  /// What decides what is accumulated, as text for people and programs.
  public var plan: [UInt8]
  /// A pane's content in canonical form.
  public var content: [UInt8]

  public init(plan: [UInt8], content: [UInt8]) {
    self.plan = plan
    self.content = content
  }

  public var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.append(lengthPrefixed: plan)
    writer.append(contentsOf: content)
    return Self.magic + [Self.formatVersion] + LZ4Frame.compress(writer.bytes)
  }

  /// Reads a whole file; `path` is for messages.
  ///
  /// - Throws: ``SnapshotError`` for what is not such a file, or of another version.
  public init(_ bytes: [UInt8], path: String) throws(SnapshotError) {
    guard bytes.starts(with: Self.magic), bytes.count > Self.magic.count else {
      throw SnapshotError(path, "not a file of accumulator states")
    }
    let version = bytes[Self.magic.count]
    guard version == Self.formatVersion else {
      throw SnapshotError(
        path,
        "states of format version \(version), and this limno reads \(Self.formatVersion); run the "
          + "job again, or use the limno that wrote them")
    }
    do {
      let frame = try LZ4Frame.decompress(bytes[(Self.magic.count + 1)...], path: path)
      var reader = ByteReader(frame)
      plan = Array(try reader.readLengthPrefixed())
      content = Array(frame[reader.offset...])
    } catch {
      throw SnapshotError(path, "damaged: \(error)")
    }
  }
}
