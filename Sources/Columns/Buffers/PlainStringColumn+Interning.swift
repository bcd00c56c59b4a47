extension PlainStringColumn {
  /// The same strings by id in `dictionary`, which gains those it lacks.
  public func interned(in dictionary: StringDictionary) -> StringColumn {
    var ids = [UInt32](repeating: 0, count: validity.count)
    unsafe bytes.withUnsafeBytes { all in
      for row in ids.indices where validity.isPresent(row) {
        let range = Int(offsets[row])..<Int(offsets[row + 1])
        ids[row] = unsafe dictionary.intern(UnsafeRawBufferPointer(rebasing: all[range]))
      }
    }
    return StringColumn(ids: ids, dictionary: dictionary, validity: validity)
  }
}
