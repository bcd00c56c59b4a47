internal import ByteCoding

/// A file of checksummed frames that only grows; one writer at a time.
///
/// | bytes | meaning |
/// |---|---|
/// | 4 | length of the payload, little-endian |
/// | 4 | masked CRC-32C of the length and the payload |
/// | length | payload |
public struct FrameLog: ~Copyable {
  private let file: OpenFile
  public private(set) var byteCount: Int

  /// Opens the log at `path`, creating it if it is missing, and cuts off what follows `byteCount`.
  ///
  /// - Throws: ``FileIOError``, `truncated` if the file is shorter than that.
  public init(path: String, cutTo byteCount: Int) throws(FileIOError) {
    let isNew = try FileSystem.kind(of: path) == nil
    let file = try OpenFile(path, .appending)
    if isNew { try FileSystem.synchronizeDirectory(FileSystem.parent(of: path)) }
    let size = try file.size()
    guard size >= byteCount else {
      throw FileIOError(
        .truncated, path: path, cause: "it has \(size) bytes, not the \(byteCount) it had")
    }
    if size > byteCount {
      try file.truncate(to: byteCount)
      try file.synchronize()
    }
    self.file = file
    self.byteCount = byteCount
  }

  /// Appends one frame; durable on return.
  public mutating func append(_ payload: [UInt8]) throws(FileIOError) {
    var frame = ByteWriter()
    frame.append(littleEndian: UInt32(payload.count))
    frame.append(littleEndian: Self.checksum(payload[...]))
    frame.append(contentsOf: payload)
    do throws(FileIOError) {
      try file.append(frame.bytes)
      try file.synchronize()
    } catch {
      // The write's own failure is what the caller must see, not that of taking it back.
      try? file.truncate(to: byteCount)
      throw error
    }
    byteCount += frame.bytes.count
  }

  /// The payloads of the frames in the file at `path` that begin at `start`, up to the first that
  /// is damaged or cut short.
  ///
  /// - Returns: Them, and where the last one ends.
  public static func read(
    path: String, from start: Int = 0
  ) throws(FileIOError) -> (payloads: [[UInt8]], end: Int) {
    let bytes = try FileSystem.contents(of: path)
    guard bytes.count >= start else {
      throw FileIOError(
        .truncated, path: path, cause: "it has \(bytes.count) bytes, not the \(start) it had")
    }
    var reader = ByteReader(bytes[start...])
    var payloads: [[UInt8]] = []
    var end = start
    do throws(ByteCodingError) {
      while !reader.isAtEnd {
        let count = try reader.readLittleEndian(UInt32.self)
        let expected = try reader.readLittleEndian(UInt32.self)
        let payload = try reader.read(count: Int(count))
        guard checksum(payload) == expected else { break }
        payloads.append(Array(payload))
        end = reader.offset
      }
    } catch { return (payloads, end) }
    return (payloads, end)
  }

  private static func checksum(_ payload: ArraySlice<UInt8>) -> UInt32 {
    // A frame of zeros, as a crash can leave them, must not pass: the mask sees to it.
    CRC32C.masked(CRC32C.checksum(payload) ^ UInt32(payload.count))
  }
}
