/// The window function stands under its name: `{"fixed": {…}}`.
extension WindowingStrategy: Codable {
  private enum CodingKeys: String, CodingKey {
    case windowFn = "windows"
    case trigger
    case allowedLateness = "allowed_lateness"
    case accumulation
    case timestampCombiner = "timestamp_combiner"
    case closingBehavior = "closing"
    case onTimeBehavior = "on_time"
  }

  private struct FunctionName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue _: Int) { nil }
  }

  /// - Throws: A decoding error, also for a window function that is not built in.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let functions = try container.nestedContainer(keyedBy: FunctionName.self, forKey: .windowFn)
    guard let name = functions.allKeys.first,
      let type = WindowFnCatalog.type(named: name.stringValue)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .windowFn, in: container, debugDescription: "no built-in window function")
    }
    self.init(
      windowFn: try functions.decode(type, forKey: name),
      trigger: try container.decode(Trigger.self, forKey: .trigger),
      allowedLateness: try container.decode(Interval.self, forKey: .allowedLateness),
      accumulation: try container.decode(AccumulationMode.self, forKey: .accumulation),
      timestampCombiner: try container.decode(TimestampCombiner.self, forKey: .timestampCombiner),
      closingBehavior: try container.decode(EmptyPaneBehavior.self, forKey: .closingBehavior),
      onTimeBehavior: try container.decode(EmptyPaneBehavior.self, forKey: .onTimeBehavior))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var functions = container.nestedContainer(keyedBy: FunctionName.self, forKey: .windowFn)
    let name = FunctionName(stringValue: Swift.type(of: windowFn).name)
    try functions.encode(windowFn, forKey: name)
    try container.encode(trigger, forKey: .trigger)
    try container.encode(allowedLateness, forKey: .allowedLateness)
    try container.encode(accumulation, forKey: .accumulation)
    try container.encode(timestampCombiner, forKey: .timestampCombiner)
    try container.encode(closingBehavior, forKey: .closingBehavior)
    try container.encode(onTimeBehavior, forKey: .onTimeBehavior)
  }
}
