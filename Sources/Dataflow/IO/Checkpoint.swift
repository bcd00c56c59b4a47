public import ByteCoding

/// All that a run must know to be taken up again, as bytes.
public struct Checkpoint: Sendable {
  /// A piece of a window's content: written once, however many checkpoints it is part of.
  public struct Part: Sendable {
    /// Names the part within one run, and never another.
    public var id: Int
    /// Appends the content, piece by piece if the writer takes it so.
    public var encode: @Sendable (inout ByteWriter) -> Void

    public init(id: Int, encode: @escaping @Sendable (inout ByteWriter) -> Void) {
      self.id = id
      self.encode = encode
    }

    /// The content, whole.
    public func encoded() -> [UInt8] {
      var writer = ByteWriter()
      encode(&writer)
      return writer.bytes
    }
  }

  /// The engine's: positions, watermarks, windows, which parts belong to which window.
  public var state: [UInt8]
  public var parts: [Part]
  /// What happened since the checkpoint before, for replays.
  public var journal: [UInt8]
  /// Where processing stands in each split, for the sink; part of the state.
  public var splits: [SplitStatus] = []
  /// The sink's, from ``TransactionalSink/seal(_:)``.
  public var sink: [UInt8] = []

  public init(state: [UInt8], parts: [Part], journal: [UInt8]) {
    self.state = state
    self.parts = parts
    self.journal = journal
  }
}

/// Where checkpoints are written; used by one thread at a time.
public protocol CheckpointStore: Sendable {
  /// Writes the next checkpoint; it is durable on return.
  func write(_ checkpoint: Checkpoint) throws
}

/// A checkpoint as it was read back.
public struct SavedCheckpoint: Sendable {
  public var number: Int
  public var state: [UInt8]
  /// The content of each part, by id.
  public var parts: [Int: [UInt8]]
  public var sink: [UInt8]
  /// What happened after it, as far as that is known: the journals of later checkpoints, of which
  /// what they let out may be visible, but which are no more.
  public var journal: [[UInt8]] = []

  public init(number: Int, state: [UInt8], parts: [Int: [UInt8]], sink: [UInt8]) {
    self.number = number
    self.state = state
    self.parts = parts
    self.sink = sink
  }
}
