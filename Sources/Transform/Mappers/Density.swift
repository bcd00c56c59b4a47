import Expressions

extension Mapper {
  static let estimatedProbabilityDensity = Mapper(
    "estimated_probability_density",
    [.required("x"), .optional("boundaries", .none), .optional("categorical", .bool(false))],
    "the density of x by a histogram; with categorical=True, the share of rows that have its value"
  ) { arguments in
    let x = arguments["x"]
    if try arguments.flag("categorical") {
      let shares = BoundArguments.call(
        "probability_density", [x], [("categorical", .bool(true))])
      return BoundArguments.call("value_of_key", [x, shares])
    }
    let bins = ["probability_density", "histogram_edges"].map {
      BoundArguments.call($0, [x], [("boundaries", arguments["boundaries"])])
    }
    return BoundArguments.call(
      "gather", [bins[0], BoundArguments.call("apply_buckets", [x, bins[1]])])
  }
}
