import Columns

extension ScratchTable {
  /// The first `rowCount` rows as a batch; strings are interned or copied here, a column at a time.
  func makeBatch(rowCount: Int, _ bytes: PaddedBytes) -> RecordBatch {
    let columns = schema.fields.indices.map { position in
      makeColumn(
        position, schema.fields[position].type, dictionary(position), count: rowCount, bytes)
    }
    return RecordBatch(schema: schema, rowCount: rowCount, columns: columns)
  }

  private func makeColumn(
    _ index: Int, _ type: DataType, _ dictionary: StringDictionary?, count: Int,
    _ bytes: PaddedBytes
  ) -> Column {
    let scratch = column(index)
    let validity = scratch.validity(count)
    switch type {
    case .bool:
      return .bool(BoolColumn((0..<count).map { scratch.get($0) != 0 }, validity: validity))
    case .int64, .timestamp:
      return .int64(Int64Column(scratch.copy(count, as: Int64.self), validity: validity))
    case .float32, .float64:
      return .float64(Float64Column(scratch.copy(count, as: Double.self), validity: validity))
    case .string:
      guard let dictionary else { return .plain(plain(scratch, count, validity, bytes)) }
      let ids = intern(scratch, count, validity, dictionary, bytes)
      return .string(StringColumn(ids: ids, dictionary: dictionary, validity: validity))
    case .list(let element):
      let offsets = [0] + (0..<count).map { UInt32(truncatingIfNeeded: scratch.get($0)) }
      let elements = makeColumn(
        scratch.child, element, dictionary, count: scratch.listStart(count), bytes)
      return .list(ListColumn(elements: elements, offsets: offsets, validity: validity))
    }
  }

  private func intern(
    _ scratch: ScratchColumn, _ count: Int, _ validity: Validity, _ dictionary: StringDictionary,
    _ bytes: PaddedBytes
  ) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: count) { ids, initialized in
      if validity.allPresent, let base = ids.baseAddress {
        unsafe dictionary.intern(count, into: base) { row in
          let span = TextSpan(bits: scratch.get(row))
          return unsafe (start(of: span, in: bytes), span.length)
        }
      } else {
        for row in 0..<count {
          let span = TextSpan(bits: scratch.get(row))
          unsafe ids[row] =
            validity.isPresent(row)
            ? dictionary.intern(padded: start(of: span, in: bytes), length: span.length) : 0
        }
      }
      initialized = count
    }
  }

  private func plain(
    _ scratch: ScratchColumn, _ count: Int, _ validity: Validity, _ bytes: PaddedBytes
  ) -> PlainStringColumn {
    // An absent row holds an empty span.
    var offsets = [UInt32](repeating: 0, count: count + 1)
    var total = 0
    for row in 0..<count {
      total += TextSpan(bits: scratch.get(row)).length
      offsets[row + 1] = UInt32(truncatingIfNeeded: total)
    }
    precondition(total <= UInt32.max, "a batch holds under 2^32 bytes of text, not \(total)")
    let text = unsafe [UInt8](unsafeUninitializedCapacity: total) { target, initialized in
      var at = 0
      for row in 0..<count {
        let span = TextSpan(bits: scratch.get(row))
        if let base = target.baseAddress {
          let text = unsafe start(of: span, in: bytes)
          unsafe UnsafeMutableRawPointer(base + at).copyMemory(from: text, byteCount: span.length)
        }
        at &+= span.length
      }
      initialized = total
    }
    return PlainStringColumn(bytes: text, offsets: offsets, validity: validity)
  }
}

extension ScratchColumn {
  func validity(_ count: Int) -> Validity {
    let wordCount = (count + 63) / 64
    let tail: UInt64 = count % 64 == 0 ? ~0 : 1 << UInt64(count % 64) - 1
    func word(_ index: Int) -> UInt64 {
      index == wordCount - 1 ? presenceWord(index) | ~tail : presenceWord(index)
    }
    if (0..<wordCount).allSatisfy({ word($0) == ~0 }) { return Validity(allPresent: count) }
    let words = (0..<wordCount).map { $0 == wordCount - 1 ? word($0) & tail : word($0) }
    return Validity(words: words, count: count)
  }

  func copy<Value: BitwiseCopyable>(_ count: Int, as _: Value.Type) -> [Value] {
    precondition(MemoryLayout<Value>.size == 8 && count <= capacity, "\(count) of \(capacity)")
    return unsafe [Value](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress {
        unsafe UnsafeMutableRawPointer(base).copyMemory(from: values, byteCount: 8 * count)
      }
      initialized = count
    }
  }
}
