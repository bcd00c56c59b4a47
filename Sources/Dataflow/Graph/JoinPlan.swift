public import Columns
public import EventTime
public import Expressions

/// What a job says of its label join.
public struct JoinRequest: Sendable {
  public struct Input: Sendable {
    /// Every column, by its own name.
    public var schema: Schema
    /// What formulas call a column, if not by its own name.
    public var names: [String: String]
    public var eventTime: Pipeline.EventTimePolicy
    /// The columns of the key, in the same order for both inputs.
    public var key: [String]
    /// Over the input's own columns.
    public var filter: Expression?

    public init(
      schema: Schema, names: [String: String], eventTime: Pipeline.EventTimePolicy, key: [String],
      filter: Expression?
    ) {
      self.schema = schema
      self.names = names
      self.eventTime = eventTime
      self.key = key
      self.filter = filter
    }

    /// The columns as formulas call them.
    public var namedFields: [Field] {
      schema.fields.map { field in
        var field = field
        field.name = names[field.name] ?? field.name
        return field
      }
    }
  }

  /// By side.
  public var inputs: [Input]
  /// A label counts for a prediction up to so long after it.
  public var labelWait: Interval
  /// The most bytes that rows of both inputs may take while they wait for each other.
  public var memoryLimit: Int

  public init(predictions: Input, labels: Input, labelWait: Interval, memoryLimit: Int) {
    inputs = [predictions, labels]
    self.labelWait = labelWait
    self.memoryLimit = memoryLimit
  }

  /// The column, of type bool, that says whether a joined row has its label.
  public static let labelledColumn = "__labelled"

  public func input(_ side: JoinSide) -> Input { inputs[side.rawValue] }
}

/// A label join bound to what the stages of its pipeline read.
public struct JoinPlan: Sendable {
  public struct Input: Sendable {
    public let eventTime: Pipeline.EventTimePolicy
    /// The decoded columns.
    public let schema: Schema
    /// The columns that make the key.
    public let key: [String]
    /// The columns that joined rows have, by their own names.
    public let payload: [Field]
    /// Has one output; `nil` if all rows are kept.
    public let filter: RowProgram?
  }

  /// By side.
  public let inputs: [Input]
  public let labelWait: Interval
  public let memoryLimit: Int
  /// The columns of joined rows: predictions', labels', and whether there is a label.
  public let schema: Schema

  public func input(_ side: JoinSide) -> Input { inputs[side.rawValue] }

  init(_ request: JoinRequest, readBy program: RowProgram) throws(ExpressionError) {
    labelWait = request.labelWait
    memoryLimit = request.memoryLimit
    let used = Set(program.inputColumns)
    var inputs: [Input] = []
    var joined: [Field] = []
    for side in JoinSide.allCases {
      let input = request.input(side)
      let (bound, fields) = try Self.bind(input, used, identifiesRows: side == .predictions)
      inputs.append(bound)
      joined += fields
    }
    self.inputs = inputs
    schema = Schema(joined + [Field(JoinRequest.labelledColumn, .bool)])
  }

  /// The input with what is decoded of it, and its columns in joined rows.
  private static func bind(
    _ input: JoinRequest.Input, _ used: Set<String>, identifiesRows: Bool
  ) throws(ExpressionError) -> (Input, [Field]) {
    var filter: RowProgram?
    if let condition = input.filter { filter = try RowProgram([condition], schema: input.schema) }
    var payload: [Field] = []
    var joined: [Field] = []
    for (field, named) in zip(input.schema.fields, input.namedFields)
    where used.contains(named.name) {
      payload.append(field)
      joined.append(named)
    }
    if identifiesRows, used.contains(RowIdentity.columnName) {
      payload.append(Field(RowIdentity.columnName, .int64))
      joined.append(Field(RowIdentity.columnName, .int64))
    }
    let decoded = Set(
      payload.map(\.name) + input.key + (filter?.inputColumns ?? [])
        + [input.eventTime.column, input.eventTime.watermarkColumn].compactMap(\.self))
    let interned = Set(filter?.inputColumns ?? []).subtracting(filter?.plainStringColumns ?? [])
    let schema = Schema(
      input.schema.fields.filter { decoded.contains($0.name) }.map { field in
        var field = field
        // Rows are kept as bytes.
        field.encoding = interned.contains(field.name) ? .dictionary : .plain
        return field
      })
    return (
      Input(
        eventTime: input.eventTime, schema: schema, key: input.key, payload: payload,
        filter: filter), joined
    )
  }
}
