public import Columns

/// A user's model that formulas call, opened by whoever can run it.
///
/// Pure to its callers: the results of a row are a function of its inputs.
public protocol RowModel: AnyObject, Sendable {
  var reference: ModelReference { get }
  /// In the model's order.
  var inputs: [ModelTensor] { get }
  var outputs: [ModelTensor] { get }

  /// Computes the outputs at the positions `wanted` for every row.
  ///
  /// Workers call it at the same time.
  /// - Parameters:
  ///   - given: A column for each input that is given, with its position; every value is present,
  ///     of a type that the input takes, and lists of one input are of one length.
  ///   - wanted: Positions of outputs.
  ///   - rowCount: At least 1.
  /// - Returns: A column of ``ModelTensor/columnType`` for each of `wanted`.
  /// - Throws: ``ModelFailure`` with the reason that the library gives.
  func run(
    _ given: [(input: Int, column: Column)], wanted: [Int], rowCount: Int
  ) throws(ModelFailure) -> [Column]
}

/// Names a model: equal references compute the same.
public struct ModelReference: Hashable, Sendable {
  public var function: ModelFunction
  /// As the formula says.
  public var path: String
  /// Of a SavedModel: which of its signatures.
  public var signature: String?
  /// The SHA-256 of its files.
  public var digest: String

  public init(function: ModelFunction, path: String, signature: String?, digest: String) {
    self.function = function
    self.path = path
    self.signature = signature
    self.digest = digest
  }
}

/// The functions that call models.
public enum ModelFunction: String, Hashable, Sendable, CaseIterable {
  case onnx
  case savedModel = "saved_model"
}

/// A model cannot be opened or has failed on a row, and why.
public struct ModelFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}

/// One input or output of a model.
public struct ModelTensor: Hashable, Sendable {
  public enum Element: Hashable, Sendable, CustomStringConvertible {
    case bool, int32, int64, float32, float64, string
    /// A type that is not supported, by its name.
    case other(String)

    public var description: String {
      switch self {
      case .bool: "bool"
      case .int32: "int32"
      case .int64: "int64"
      case .float32: "float32"
      case .float64: "float64"
      case .string: "string"
      case .other(let name): name
      }
    }
  }

  public var name: String
  public var element: Element
  /// Rows first, `nil` for a size that differs from call to call; `nil` if nothing is known.
  public var shape: [Int?]?
  /// Of inputs: whether the model has a value of its own for it.
  public var isOptional: Bool

  public init(name: String, element: Element, shape: [Int?]?, isOptional: Bool = false) {
    self.name = name
    self.element = element
    self.shape = shape
    self.isOptional = isOptional
  }

  /// What follows the rows, as far as it is known.
  var rowShape: ArraySlice<Int?>? { shape?.dropFirst() }

  /// How many elements a row has; `nil` if that differs from call to call.
  package var width: Int? {
    guard let rowShape, rowShape.allSatisfy({ $0 != nil }) else { return nil }
    return rowShape.reduce(1) { $0 * ($1 ?? 1) }
  }

  /// Whether a row has one value, and not a list.
  package var isScalar: Bool { rowShape?.allSatisfy { $0 == 1 } ?? false }

  /// The type of its column; `nil` where the elements are not supported.
  public var columnType: DataType? {
    let type: DataType
    switch element {
    case .bool: type = .bool
    case .int32, .int64: type = .int64
    case .float32: type = .float32
    case .float64: type = .float64
    case .string: type = .string
    case .other: return nil
    }
    return isScalar ? type : .list(type)
  }

  /// Such as `x: float32[rows, 3]`.
  public var text: String {
    guard let shape else { return "\(name): \(element)" }
    let sizes = shape.enumerated().map { $0 == 0 ? "rows" : $1.map(String.init) ?? "?" }
    return "\(name): \(element)[\(sizes.joined(separator: ", "))]"
  }

  /// Whether values of `type` are taken without loss of meaning.
  func takes(_ type: DataType) -> Bool {
    switch element {
    case .bool: type == .bool
    case .int32, .int64: type == .int64 || type == .bool || type == .timestamp
    case .float32, .float64: type.isNumeric
    case .string: type == .string
    case .other: false
    }
  }
}
