import Columns
import TensorPrograms

extension ProgramPrinter.Binding {
  /// What the program reads of `feature`, from the tensors `given`.
  init(
    _ feature: TensorProgram.Feature, _ given: [TensorReference], rowCount: TensorReference,
    _ body: inout GraphBody
  ) {
    let type = feature.type.tfType
    guard given.count == 3 else {
      self.init(values: Self.converted(given[0], to: type, &body))
      return
    }
    let rows = body.slice(given[0], column: 0, isMatrix: true)
    guard !feature.isList else {
      self.init(values: Self.converted(given[1], to: type, &body), rows: rows)
      return
    }
    // Two values in one row are an error: the indices must not repeat.
    func dense(
      _ values: TensorReference, _ filler: TFTensor, _ body: inout GraphBody
    ) -> TensorReference {
      body.value(
        "SparseToDense", [rows, body.pack([rowCount]), values, body.constant(filler)], "dense",
        values.type,
        [
          "T": .type(values.type), "Tindices": .type(.int64), "validate_indices": .bool(true),
        ])
    }
    let filler: TFTensor =
      switch given[1].type {
      case .float: .float(0)
      case .double: .double(0)
      case .string: .string([])
      case .bool: .bool(false)
      case .int64, .int32, .resource: .int64(0)
      }
    let isThere = body.fill(body.constant(.bool(true)), count: Self.count(rows, &body))
    let values = dense(given[1], filler, &body)
    self.init(
      values: Self.converted(values, to: type, &body),
      isPresent: dense(isThere, .bool(false), &body))
  }

  private static func count(
    _ x: TensorReference, _ body: inout GraphBody
  ) -> TensorReference {
    let shape = body.shape(x)
    return body.slice(shape, column: 0, isMatrix: false)
  }

  /// How many rows the tensors of one feature have.
  static func rowCount(_ given: [TensorReference], _ body: inout GraphBody) -> TensorReference {
    if given.count == 3 { return body.slice(given[2], column: 0, isMatrix: false) }
    return count(given[0], &body)
  }

  private static func converted(
    _ x: TensorReference, to type: TFType, _ body: inout GraphBody
  ) -> TensorReference {
    guard type == .bool, x.type == .int64 else { return body.cast(x, to: type) }
    let zero = body.constant(.int64(0))
    return body.value("NotEqual", [x, zero], "z", .bool, ["T": .type(.int64)])
  }
}

extension TensorProgram.Output {
  /// The tensors of ``TensorProgram/results``.
  func packed(
    _ values: [TensorReference], rowCount: TensorReference, _ body: inout GraphBody
  ) -> [TensorReference] {
    let result = body.cast(values[self.values], to: servedType)
    switch layout {
    case .fixed(let length): return [body.reshape(result, [-1, Int64(length)])]
    case .row:
      guard let isPresent else { return [result] }
      let rows = body.positions(where: values[isPresent])
      let first = body.value("ZerosLike", [rows], "y", .int64, ["T": .type(.int64)])
      return [
        body.pack([rows, first], axis: 1), body.gather(result, rows),
        body.pack([rowCount, body.constant(.int64(1))]),
      ]
    case .list(let rows):
      return Self.sparse(result, rows: values[rows], rowCount: rowCount, &body)
    }
  }

  /// The elements of lists by row and position in it; as wide as the longest list.
  private static func sparse(
    _ elements: TensorReference, rows: TensorReference, rowCount: TensorReference,
    _ body: inout GraphBody
  ) -> [TensorReference] {
    let counts = body.counts(rows, count: rowCount)
    let axis = body.constant(.int64(0))
    let starts = body.exclusiveSum(counts)
    let shape = body.shape(rows)
    let total = body.slice(shape, column: 0, isMatrix: false)
    let position = body.value(
      "Sub", [body.range(total), body.gather(starts, rows)], "z", .int64, ["T": .type(.int64)])
    let none = body.constant(.int64s([0]))
    let lengths = body.value(
      "ConcatV2", [counts, none, axis], "output", .int64,
      ["N": .int(2), "T": .type(.int64), "Tidx": .type(.int64)])
    let width = body.value(
      "Max", [lengths, axis], "output", .int64,
      ["T": .type(.int64), "Tidx": .type(.int64), "keep_dims": .bool(false)])
    return [body.pack([rows, position], axis: 1), elements, body.pack([rowCount, width])]
  }
}
