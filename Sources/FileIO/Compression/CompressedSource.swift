internal import Columns

/// Decodes one compressed format step by step.
protocol StreamCodec: AnyObject {
  /// Whether the stream may end here: before the first frame, or after a complete one.
  var isBetweenFrames: Bool { get }

  /// Consumes some of `input` and fills some of `output`; no progress means that it needs input.
  func step(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
  ) throws(CodecFailure) -> (consumed: Int, produced: Int)
}

/// What a codec's library says is wrong.
struct CodecFailure: Error {
  let text: String
}

/// The bytes of a compressed file, decompressed; concatenated frames follow one another.
final class CompressedSource: ByteSource {
  private let file: OpenFile
  private let codec: any StreamCodec
  private let limit: ExpansionLimit
  private let input = PaddedBuffer(capacity: 256 << 10)
  /// Offset in `input` of the first byte that the codec has not taken.
  private var taken = 0
  private var consumed = 0
  private var produced = 0
  private var isInputOver = false

  init(_ path: String, _ compression: Compression, limit: ExpansionLimit) throws(FileIOError) {
    file = try OpenFile(path, .reading)
    self.limit = limit
    do throws(CodecFailure) {
      codec =
        switch compression {
        case .gzip: try GzipCodec()
        case .lz4: try LZ4Codec()
        case .zstd: try ZstdCodec()
        }
    } catch { throw FileIOError(.other, path: path, cause: error.text) }
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(FileIOError) -> Int {
    var filled = 0
    while filled < target.count {
      let step = unsafe try advance(UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
      taken += step.consumed
      consumed += step.consumed
      filled += step.produced
      produced += step.produced
      try checkLimit()
      if step.consumed == 0 && step.produced == 0 {
        if isInputOver { break }
        try refill()
      }
    }
    if filled == 0 { try checkEnd() }
    return filled
  }

  /// Passes over `count` uncompressed bytes.
  func skip(_ count: Int) throws(FileIOError) {
    let scratch = PaddedBuffer()
    var left = count
    while left > 0 {
      scratch.removeAll()
      let read = unsafe try scratch.append(min(left, scratch.capacity)) {
        (target) throws(FileIOError) in unsafe try self.read(into: target)
      }
      guard read > 0 else {
        throw FileIOError(
          .truncated, path: file.path,
          cause: "it holds \(count - left) uncompressed bytes, but was already read up to \(count)",
          remedy: "it was replaced: restore it, or start afresh")
      }
      left -= read
    }
  }

  private func advance(
    _ target: UnsafeMutableRawBufferPointer
  ) throws(FileIOError) -> (consumed: Int, produced: Int) {
    do throws(CodecFailure) {
      return unsafe try input.withBytes { (bytes) throws(CodecFailure) in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[taken...])
        return unsafe try codec.step(rest, target)
      }
    } catch {
      throw FileIOError(
        .corrupt, path: file.path, offset: consumed,
        cause: "the compressed data are damaged after \(produced) uncompressed bytes: \(error.text)"
      )
    }
  }

  /// Reads the next block behind the bytes that the codec has not taken.
  private func refill() throws(FileIOError) {
    input.removeFirst(taken)
    taken = 0
    let offset = consumed + input.count
    let read = unsafe try input.append(max(input.capacity - input.count, 64 << 10)) {
      (target) throws(FileIOError) in unsafe try file.read(at: offset, into: target)
    }
    isInputOver = read == 0
  }

  private func checkEnd() throws(FileIOError) {
    guard taken < input.count || !codec.isBetweenFrames else { return }
    throw FileIOError(
      .truncated, path: file.path, offset: consumed,
      cause: "the compressed stream ends inside a frame, after \(produced) uncompressed bytes",
      remedy: "the file was cut short: copy it again")
  }

  private func checkLimit() throws(FileIOError) {
    guard let reason = limit.violation(consumed: consumed, produced: produced) else { return }
    throw FileIOError(
      .limitExceeded, path: file.path, offset: consumed, cause: reason,
      remedy: "raise the expansion limit if the file can be trusted")
  }
}
