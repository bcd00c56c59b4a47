import Columns

extension RowFunction {
  static let gather = RowFunction(
    "gather", [.required("values"), .required("x"), .optional("default", .number(0))],
    "number x of a constant list, counted from 0; the default outside of it"
  ) { site in
    let values = try site.constant("values", "a list of numbers as a") { $0.doubles }
    _ = try site.type(1, "an int") { $0 == .int64 }
    return CompiledCall(
      type: .float64, inputs: [1],
      kernel: GatherKernel(values: values, fallback: try site.double("default")))
  }

  static let places = RowFunction(
    "places", [.required("x")], "where each element of a list stands in it, counted from 0",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list") { if case .list = $0 { true } else { false } }
    return CompiledCall(type: .list(.int64), inputs: [0], kernel: PlacesKernel())
  }
}

struct PlacesKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    guard case .list(let list) = inputs[0] else { preconditionFailure("not a list column") }
    var places = [Int64](repeating: 0, count: list.elements.rowCount)
    for row in 0..<rowCount {
      let start = Int(list.offsets[row])
      for place in start..<Int(list.offsets[row + 1]) { places[place] = Int64(place - start) }
    }
    return .list(
      ListColumn(
        elements: .int64(Int64Column(places, validity: list.elements.validity)),
        offsets: list.offsets, validity: list.validity))
  }
}

struct GatherKernel: RowKernel {
  let values: [Double]
  let fallback: Double

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let rows = inputs[0].integers().map { index in
      index >= 0 && index < Int64(values.count) ? values[Int(index)] : fallback
    }
    return .float64(Float64Column(rows, validity: inputs[0].validity))
  }
}
