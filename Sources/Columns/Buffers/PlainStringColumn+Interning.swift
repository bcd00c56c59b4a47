extension PlainStringColumn {
  /// The same strings by id in `dictionary`, which gains those it lacks.
  public func interned(in dictionary: StringDictionary) -> StringColumn {
    var ids = [UInt32](repeating: 0, count: validity.count)
    unsafe bytes.withUnsafeBytes { all in
      let start = unsafe internBlocks(of: all, in: dictionary, into: &ids)
      for row in start..<ids.count where validity.isPresent(row) {
        let range = Int(offsets[row])..<Int(offsets[row + 1])
        ids[row] = unsafe dictionary.intern(UnsafeRawBufferPointer(rebasing: all[range]))
      }
    }
    return StringColumn(ids: ids, dictionary: dictionary, validity: validity)
  }

  /// Interns rows in blocks, as far as the dictionary may read 16 bytes of each; none where some are
  /// absent.
  ///
  /// - Returns: The first row that is left.
  private func internBlocks(
    of all: UnsafeRawBufferPointer, in dictionary: StringDictionary, into ids: inout [UInt32]
  ) -> Int {
    guard validity.allPresent, let base = all.baseAddress else { return 0 }
    var end = ids.count
    while end > 0, Int(offsets[end - 1]) + 16 > all.count { end -= 1 }
    unsafe ids.withUnsafeMutableBufferPointer { targets in
      guard let target = targets.baseAddress else { return }
      unsafe dictionary.intern(end, into: target) { row in
        let (start, next) = (Int(offsets[row]), Int(offsets[row + 1]))
        return unsafe (base + start, next - start)
      }
    }
    return end
  }
}
