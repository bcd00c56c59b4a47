import Columns

/// The columns of a batch that is being decoded, and the dictionaries of its string columns.
///
/// Raw memory, reused from batch to batch: a hot loop takes ``columns`` once a batch. The columns
/// of the schema come first, those of list elements after them.
@safe final class ScratchTable {
  let schema: Schema
  private(set) var columns: UnsafeMutablePointer<ScratchColumn>
  private(set) var count: Int
  /// How many rows there is place for.
  private(set) var rowCapacity = ScratchColumn.firstCapacity
  private let dictionaries: [StringDictionary?]
  private var arena: UnsafeMutableRawPointer
  private var arenaCapacity = 4096
  private(set) var arenaCount = 0

  init(_ schema: Schema) {
    self.schema = schema
    let fields = schema.fields
    var built = fields.map { Self.column($0.type, $0.timestampUnit, child: -1) }
    for (index, field) in fields.enumerated() {
      // The types of a list of lists of …, outermost first.
      var type = field.type
      var parent = index
      while case .list(let element) = type {
        built[parent].deallocate()
        built[parent] = Self.column(type, field.timestampUnit, child: built.count)
        parent = built.count
        built.append(Self.column(element, field.timestampUnit, child: -1))
        type = element
      }
    }
    count = built.count
    unsafe columns = .allocate(capacity: max(built.count, 1))
    for (index, column) in built.enumerated() {
      unsafe (columns + index).initialize(to: column)
    }
    dictionaries = fields.map { field in
      Self.isText(field.type) && field.encoding == .dictionary ? StringDictionary() : nil
    }
    unsafe arena = .allocate(byteCount: arenaCapacity + PaddedBuffer.padding, alignment: 16)
    unsafe arena.initializeMemory(
      as: UInt8.self, repeating: 0, count: arenaCapacity + PaddedBuffer.padding)
  }

  deinit {
    for index in 0..<count { unsafe columns[index].deallocate() }
    unsafe columns.deallocate()
    unsafe arena.deallocate()
  }

  private static func column(_ type: DataType, _ unit: TimestampUnit, child: Int) -> ScratchColumn {
    ScratchColumn(kind: ValueKind(type, unit), child: child)
  }

  private static func isText(_ type: DataType) -> Bool {
    switch type {
    case .string: true
    case .list(let element): isText(element)
    default: false
    }
  }

  func column(_ index: Int) -> ScratchColumn {
    precondition(index >= 0 && index < count, "column \(index) of \(count)")
    return unsafe columns[index]
  }

  /// The dictionary of the field at `position`, if it is a string or list of strings that has one.
  func dictionary(_ position: Int) -> StringDictionary? { dictionaries[position] }

  /// Forgets the rows of the last batch.
  func beginBatch() {
    arenaCount = 0
    for index in 0..<count { unsafe columns[index].markAllPresent() }
  }

  /// Makes place for `row`, which follows those there is place for; for more when they are many, so
  /// that wide records, of which a chunk holds few, take little memory.
  @inline(__always)
  func makeRoom(for row: Int) { if row >= rowCapacity { doubleRows() } }

  private func doubleRows() {
    rowCapacity *= 2
    for index in schema.fields.indices { unsafe columns[index].reserve(rowCapacity) }
  }

  /// Holds a value at `index` of `column`, which grows if need be.
  func set(_ column: Int, _ index: Int, _ bits: UInt64) {
    unsafe columns[column].reserve(index + 1)
    unsafe columns[column].set(index, bits)
    unsafe columns[column].markPresent(index)
  }

  func markAbsent(_ column: Int, _ index: Int) {
    unsafe columns[column].reserve(index + 1)
    unsafe columns[column].markAbsent(index)
  }

  /// Undoes ``markAbsent(_:_:)`` of every field at `row`, whose values are then written anew.
  func resetRow(_ row: Int) {
    for index in 0..<schema.fields.count { unsafe columns[index].markPresent(row) }
  }

  /// Whether some column holds lists, so that a row depends on the one before it.
  var hasLists: Bool { count > schema.fields.count }

  /// Moves `count` rows from `source` up to `target`; rows that are left so are present.
  func moveRows(_ source: Int, to target: Int, count: Int) {
    precondition(target <= source && !hasLists, "rows \(source) to \(target)")
    guard target < source else { return }
    for index in 0..<schema.fields.count { unsafe columns[index].move(source, to: target, count) }
  }

  /// Appends a byte to the text that is being unescaped.
  func appendToArena(_ byte: UInt8) {
    if arenaCount == arenaCapacity { growArena() }
    unsafe arena.storeBytes(of: byte, toByteOffset: arenaCount, as: UInt8.self)
    arenaCount += 1
  }

  private func growArena() {
    let capacity = 2 * arenaCapacity
    let grown = UnsafeMutableRawPointer.allocate(
      byteCount: capacity + PaddedBuffer.padding, alignment: 16)
    unsafe grown.initializeMemory(
      as: UInt8.self, repeating: 0, count: capacity + PaddedBuffer.padding)
    unsafe grown.copyMemory(from: arena, byteCount: arenaCount)
    unsafe arena.deallocate()
    unsafe arena = grown
    arenaCapacity = capacity
  }

  /// The bytes of `span`, with 16 readable ones at their start.
  func start(of span: TextSpan, in bytes: PaddedBytes) -> UnsafeRawPointer {
    unsafe span.isInArena ? UnsafeRawPointer(arena) + span.start : bytes.base + span.start
  }
}
