public import Accumulators
import Synchronization

/// A file without a name, in which states have what they find no room for in memory.
///
/// It is made when it is first needed, and gone when the process ends, however it ends. Bytes lie in
/// blocks of 64 KiB, which are used again when nothing refers to them any more.
public final class SpillFile: SpillStore {
  private struct State: ~Copyable {
    var file: OpenFile?
    var blockCount = 0
    var free: [Int] = []
    var failure: FileIOError?
  }

  fileprivate static let blockByteCount = 1 << 16

  private let directory: String
  private let attempt: String
  private let state = Mutex(State())

  /// - Parameters:
  ///   - directory: Where the file is; made if missing.
  ///   - attempt: Tells its name, while it has one, from those of other processes.
  public init(directory: String, attempt: String) {
    self.directory = directory
    self.attempt = attempt
  }

  /// What failed first; since then nothing is put away.
  public var failure: (any Error)? { state.withLock { $0.failure } }

  /// The greatest size of the file so far.
  public var byteCount: Int { state.withLock { $0.blockCount * Self.blockByteCount } }

  public func put(_ write: (_ append: @escaping ([UInt8]) -> Void) -> Void) -> (any SpilledBytes)? {
    let writing = Writing(self)
    write { writing.append($0) }
    return writing.finish()
  }

  /// Writes `bytes`, of one block at most; where, or `nil` after a failure.
  fileprivate func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    state.withLock { state in
      guard state.failure == nil else { return nil }
      do throws(FileIOError) {
        if state.file == nil {
          try FileSystem.makeDirectories(directory)
          let path = FileSystem.joined(directory, ".limno-staged-\(attempt)-spilled")
          try FileSystem.removeTree(path)
          let file = try OpenFile(path, .scratch)
          try file.removeName()
          state.file = consume file
        }
        let block = state.free.popLast() ?? state.blockCount
        state.blockCount = max(state.blockCount, block + 1)
        try state.file?.put(bytes, at: block * Self.blockByteCount)
        return block
      } catch {
        state.failure = error
        return nil
      }
    }
  }

  fileprivate func read(at offset: Int, count: Int) -> [UInt8] {
    state.withLock { state in
      do throws(FileIOError) {
        let bytes = try state.file?.bytes(at: offset, count: count) ?? []
        precondition(bytes.count == count, "\(count) bytes were put away, \(bytes.count) are left")
        return bytes
      } catch {
        preconditionFailure("what was put away cannot be read: \(error)")
      }
    }
  }

  fileprivate func release(_ blocks: [Int]) { state.withLock { $0.free += blocks } }
}

/// The blocks of bytes that are being put away.
private final class Writing {
  private let store: SpillFile
  private var blocks: [Int] = []
  private var pending: [UInt8] = []
  private var hasFailed = false

  init(_ store: SpillFile) { self.store = store }

  func append(_ bytes: [UInt8]) {
    pending += bytes
    var start = 0
    while pending.count - start >= SpillFile.blockByteCount {
      write(pending[start..<start + SpillFile.blockByteCount])
      start += SpillFile.blockByteCount
    }
    pending.removeFirst(start)
  }

  private func write(_ bytes: ArraySlice<UInt8>) {
    guard !hasFailed, let block = store.write(bytes) else {
      hasFailed = true
      return
    }
    blocks.append(block)
  }

  func finish() -> Spilled? {
    if !pending.isEmpty { write(pending[...]) }
    let spilled = Spilled(store, blocks)
    return hasFailed ? nil : spilled
  }
}

private final class Spilled: SpilledBytes {
  private let store: SpillFile
  private let blocks: [Int]

  init(_ store: SpillFile, _ blocks: [Int]) {
    self.store = store
    self.blocks = blocks
  }

  deinit { store.release(blocks) }

  func read(_ range: Range<Int>) -> [UInt8] {
    let size = SpillFile.blockByteCount
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      let count = min(range.upperBound - at, size - at % size)
      bytes += store.read(at: blocks[at / size] * size + at % size, count: count)
      at += count
    }
    return bytes
  }
}
