import ByteCoding
import Dataflow
import EventTime
import FileIO

/// Dead letters on their way to a topic: a file for each epoch, until that is published.
struct LetterOutbox: ~Copyable {
  private let folder: String
  private var file: FrameLog?
  private var pending = ByteWriter()
  /// The sizes of the files of epochs that are sealed, by epoch.
  private(set) var sealed: [Int: Int]

  private static let frameByteCount = 1 << 20
  private static let openName = "letters-open"

  private static func folder(in directory: String) -> String { directory + "/.limno-outbox" }

  /// An outbox in the output directory with what `sealed` says is in it, and nothing else.
  init(in directory: String, sealed: [Int: Int]) throws(FileIOError) {
    folder = Self.folder(in: directory)
    self.sealed = sealed
    try FileSystem.makeDirectories(folder)
    let names = Set(sealed.keys.map(Self.name))
    for name in try FileSystem.names(in: folder) where !names.contains(name) {
      try FileSystem.removeTree(folder + "/" + name)
    }
  }

  static func removeAll(in directory: String) throws(FileIOError) {
    try FileSystem.removeTree(folder(in: directory))
  }

  private static func name(_ epoch: Int) -> String { "letters-\(epoch)" }

  mutating func append(_ letters: [DeadLetter]) throws(FileIOError) {
    for letter in letters {
      letter.encode(into: &pending)
      if pending.bytes.count >= Self.frameByteCount { try flush() }
    }
  }

  private mutating func flush() throws(FileIOError) {
    guard !pending.bytes.isEmpty else { return }
    if file == nil { file = try FrameLog(path: "\(folder)/\(Self.openName)", cutTo: 0) }
    try file?.append(pending.bytes)
    pending = ByteWriter()
  }

  /// What was appended belongs to `epoch`, and is durable on return.
  mutating func seal(_ epoch: Int) throws(FileIOError) {
    try flush()
    guard let byteCount = file?.byteCount else { return }
    file = nil
    let path = "\(folder)/\(Self.name(epoch))"
    try FileSystem.removeTree(path)
    try FileSystem.move("\(folder)/\(Self.openName)", to: path)
    try FileSystem.synchronizeDirectory(folder)
    sealed[epoch] = byteCount
  }

  /// The letters of an epoch.
  func letters(of epoch: Int) throws -> [DeadLetter] {
    guard let byteCount = sealed[epoch] else { return [] }
    let path = "\(folder)/\(Self.name(epoch))"
    let (frames, end) = try FrameLog.read(path: path)
    guard end == byteCount else {
      throw FileIOError(
        .truncated, path: path, cause: "\(end) bytes are whole, not the \(byteCount) it had")
    }
    var letters: [DeadLetter] = []
    for frame in frames {
      var reader = ByteReader(frame)
      while !reader.isAtEnd { letters.append(try DeadLetter.decode(from: &reader)) }
    }
    return letters
  }

  /// Forgets epochs that are published.
  mutating func remove(upTo epoch: Int) throws(FileIOError) {
    for old in sealed.keys where old <= epoch {
      try FileSystem.removeTree("\(folder)/\(Self.name(old))")
      sealed[old] = nil
    }
  }
}

extension DeadLetter {
  /// Split, offset, reason, whether there is an event time, that, bytes.
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.append(lengthPrefixed: split.utf8)
    writer.append(varint: UInt64(offset))
    writer.append(lengthPrefixed: reason.utf8)
    writer.append(UInt8(eventTime == nil ? 0 : 1))
    if let eventTime { writer.append(littleEndian: eventTime.microseconds) }
    writer.append(lengthPrefixed: bytes)
  }

  fileprivate static func decode(
    from reader: inout ByteReader
  ) throws(ByteCodingError) -> DeadLetter {
    let split = String(decoding: try reader.readLengthPrefixed(), as: UTF8.self)
    let offset = Int(try reader.readVarint())
    let reason = String(decoding: try reader.readLengthPrefixed(), as: UTF8.self)
    var time: Timestamp?
    if try reader.readByte() == 1 {
      time = Timestamp(microseconds: try reader.readLittleEndian(Int64.self))
    }
    return DeadLetter(
      split: split, offset: offset, reason: reason, eventTime: time,
      bytes: Array(try reader.readLengthPrefixed()))
  }
}
