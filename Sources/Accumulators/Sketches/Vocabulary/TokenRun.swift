import ByteCoding

/// Tokens ascending by their bytes, each with its totals, as ``VocabularyAccumulator`` encodes its
/// entries; in memory or put away, in blocks of whole entries.
struct TokenRun: Sendable {
  enum Block: Sendable {
    case held(ArraySlice<UInt8>)
    case spilled(any SpilledBytes, Range<Int>)

    var bytes: ArraySlice<UInt8> {
      switch self {
      case .held(let bytes): bytes
      case .spilled(let store, let range): store.read(range)[...]
      }
    }
  }

  var blocks: [Block] = []
  /// How many tokens it has.
  var count = 0
  /// How often its tokens were merged: runs of a level are merged when there are many.
  var level = 0

  /// Whether some of it is in memory.
  var isHeld: Bool { heldByteCount > 0 }

  /// Bytes of tokens in memory.
  var heldByteCount: Int {
    blocks.reduce(0) { sum, block in
      if case .held(let bytes) = block { sum + bytes.count } else { sum }
    }
  }

  /// Bytes put away.
  var spilledByteCount: Int {
    blocks.reduce(0) { sum, block in
      if case .spilled(_, let range) = block { sum + range.count } else { sum }
    }
  }

  /// The next `count` entries of `reader`.
  ///
  /// - Throws: `ByteCodingError` if they are not such entries, or do not ascend.
  init(count: Int, from reader: inout ByteReader) throws(ByteCodingError) {
    let start = reader.offset
    var last: ArraySlice<UInt8>?
    for _ in 0..<count {
      let offset = reader.offset
      let token = try reader.readLengthPrefixed()
      if let last, !last.lexicographicallyPrecedes(token) {
        throw ByteCodingError("tokens do not ascend", at: offset)
      }
      _ = try TokenTotals(from: &reader)
      last = token
    }
    blocks = [.held(reader.bytes[start..<reader.offset])]
    self.count = count
  }

  fileprivate init(_ ranges: [Range<Int>], of bytes: any SpilledBytes, count: Int, level: Int) {
    blocks = ranges.map { .spilled(bytes, $0) }
    self.count = count
    self.level = level
  }

  fileprivate init(_ pieces: [[UInt8]], count: Int) {
    blocks = pieces.map { .held($0[...]) }
    self.count = count
  }
}

/// Writes entries in blocks of whole ones.
struct TokenRunWriter {
  private static let blockByteCount = 1 << 16

  private var writer = ByteWriter()
  private var pieces: [[UInt8]] = []
  private var ranges: [Range<Int>] = []
  private var count = 0
  /// Where bytes that are not kept go.
  private let append: (([UInt8]) -> Void)?
  /// How many bytes went there, of this run and others.
  private var end: Int

  /// In memory.
  init() {
    append = nil
    end = 0
  }

  /// By `append`, which has taken `start` bytes so far.
  init(after start: Int, _ append: @escaping ([UInt8]) -> Void) {
    self.append = append
    end = start
  }

  /// Appends an entry; `totals` writes its count and weight.
  mutating func add(_ token: some Collection<UInt8>, _ totals: (inout ByteWriter) -> Void) {
    writer.append(lengthPrefixed: token)
    totals(&writer)
    count += 1
    if writer.bytes.count >= Self.blockByteCount { finishBlock() }
  }

  private mutating func finishBlock() {
    guard !writer.bytes.isEmpty else { return }
    if let append {
      append(writer.bytes)
      ranges.append(end..<end + writer.bytes.count)
      end += writer.bytes.count
    } else {
      pieces.append(writer.bytes)
    }
    writer = ByteWriter()
  }

  /// The run of a writer in memory.
  consuming func run() -> TokenRun {
    finishBlock()
    return TokenRun(pieces, count: count)
  }

  /// Where the run lies.
  consuming func place() -> Place {
    finishBlock()
    return Place(ranges: ranges, count: count, end: end)
  }

  /// A run that was put away, before it is known where.
  struct Place {
    fileprivate let ranges: [Range<Int>]
    let count: Int
    /// How many bytes were appended up to its end.
    let end: Int

    func run(in bytes: any SpilledBytes, level: Int) -> TokenRun {
      TokenRun(ranges, of: bytes, count: count, level: level)
    }
  }
}
