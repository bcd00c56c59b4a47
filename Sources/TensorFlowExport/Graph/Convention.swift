import Columns
import TensorPrograms

/// How a caller gives features to a function of the model.
enum Convention: Hashable, Sendable {
  /// As TFT: every feature a `SparseTensor` of `float32`, `int64` or `string`; a row without a value
  /// lacks the feature.
  case sparse
  /// A dense tensor, shape `[rows]`, for every feature that is no list, in the types of TFT.
  case dense
  /// The same in the columns' own types: `float64` where the engine reads doubles, and `bool`.
  case exact
  /// Sparse tensors in the columns' own types.
  case sparseExact

  func type(_ feature: TensorProgram.Feature) -> TFType {
    switch feature.element {
    case .bool: hasOwnTypes ? .bool : .int64
    case .float32: .float
    case .float64: hasOwnTypes ? .double : .float
    case .string: .string
    case .int64, .timestamp, .list: .int64
    }
  }

  private var hasOwnTypes: Bool { self == .exact || self == .sparseExact }

  func isSparse(_ feature: TensorProgram.Feature) -> Bool {
    feature.isList || self == .sparse || self == .sparseExact
  }
}

/// A tensor, or three that are one sparse tensor, by its name among arguments or results.
struct NamedTensors: Hashable, Sendable {
  var name: String
  var type: TFType
  /// The sizes of a dense tensor; `nil` for a sparse one, which has rank 2.
  var denseShape: [Int64]?

  /// The parts: one, or indices, values and shape.
  var parts: [(suffix: String, type: TFType, shape: [Int64])] {
    if let denseShape { return [("", type, denseShape)] }
    return [("_indices", .int64, [-1, 2]), ("_values", type, [-1]), ("_shape", .int64, [2])]
  }
}

extension [NamedTensors] {
  /// In the order in which TensorFlow flattens a dictionary.
  func sortedByName() -> [NamedTensors] {
    sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}

extension TensorProgram {
  /// What a caller gives.
  func arguments(_ convention: Convention) -> [NamedTensors] {
    features.map { feature in
      NamedTensors(
        name: feature.field.name, type: convention.type(feature),
        denseShape: convention.isSparse(feature) ? nil : [-1])
    }.sortedByName()
  }

  /// What it gets.
  var results: [NamedTensors] {
    outputs.map { output in
      let shape: [Int64]? =
        switch output.layout {
        case .row: output.isPresent == nil ? [-1] : nil
        case .fixed(let length): [-1, Int64(length)]
        case .list: nil
        }
      return NamedTensors(name: output.name, type: output.servedType, denseShape: shape)
    }.sortedByName()
  }
}

extension TensorProgram.Output {
  /// As TFT: `int64`, `float32` or `string`.
  ///
  /// Floats are rounded, as in a `tf.Example` to train on.
  var servedType: TFType {
    var element = type
    if case .list(let inner) = type { element = inner }
    switch element {
    case .float32, .float64: return .float
    case .string: return .string
    default: return .int64
    }
  }
}
