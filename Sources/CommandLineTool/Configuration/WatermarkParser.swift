import EventTime

/// Reads `event_time.watermark`: what moves the watermark of a split, and how it follows that.
enum WatermarkParser {
  static func watermark(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> (
    column: ConfigurationNode?, estimator: (any WatermarkEstimator)?
  ) {
    let names = WatermarkEstimatorCatalog.all.map { $0.name }
    let block = try node.mapping(["column"] + names)
    let given = names.filter { block[$0] != nil }
    guard given.count < 2 else {
      throw node.error("\(given.joined(separator: " and ")): a watermark has one estimator")
    }
    guard let name = given.first, let value = block[name],
      let type = WatermarkEstimatorCatalog.type(named: name)
    else {
      guard let column = block["column"] else {
        throw node.error("expected 'column', or one of \(names.joined(separator: ", "))")
      }
      return (column, nil)
    }
    return (block["column"], try estimator(type, value))
  }

  private static func estimator(
    _ type: any WatermarkEstimator.Type, _ node: ConfigurationNode
  ) throws(ConfigurationError) -> any WatermarkEstimator {
    let block = try node.mapping(type.parameters.map(\.name))
    var values: [String: Interval] = [:]
    for parameter in type.parameters {
      guard parameter.isRequired else {
        values[parameter.name] = try block[parameter.name]?.interval()
        continue
      }
      values[parameter.name] = try block.required(parameter.name)
        .interval(atLeast: .microseconds(1))
    }
    return type.init(values)
  }
}
