import Columns

extension RowFunction {
  /// Labels are one class id or a number a class.
  static let topKHits = RowFunction(
    "top_k_hits", [.required("label"), .required("scores"), .required("k")],
    "how much label there is among the classes of the k greatest scores", isElementwise: false
  ) { site in
    try checkClasses(site)
    let k = try site.int("k")
    guard k >= 1 else { throw site.fail("'k' must be at least 1") }
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: TopKHitsKernel(k: k))
  }

  /// Nothing is clipped: a class that is right and scores 0 costs +inf.
  static let categoricalLogLoss = RowFunction(
    "categorical_log_loss", [.required("label"), .required("scores")],
    "−Σ y ln p over the classes, not clipped", isElementwise: false
  ) { site in
    try checkClasses(site)
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: CategoricalLogLossKernel())
  }

  static let classLabel = RowFunction(
    "class_label", [.required("label"), .required("index")],
    "the label of one class: 1 or 0 of a class id, or the number in a list (0 outside of it)",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a class id or a list of numbers", where: isLabel)
    _ = try site.type(1, "an int") { $0 == .int64 }
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: ClassLabelKernel())
  }

  static let classOf = RowFunction(
    "class_of", [.required("label")],
    "the class of a label: the id itself, or where the greatest number of a list stands",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a class id or a list of numbers", where: isLabel)
    return CompiledCall(type: .int64, inputs: [0], kernel: ClassOfKernel())
  }

  private static func isLabel(_ type: DataType) -> Bool { type.isNumeric || type.isListOfNumbers }

  static let cosineSimilarity = RowFunction(
    "cosine_similarity", [.required("a"), .required("b")],
    "the cosine of the angle between two lists of one length; NaN for a list of zeros",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "a list of numbers", where: \.isListOfNumbers)
    _ = try site.type(1, "a list of numbers", where: \.isListOfNumbers)
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: CosineKernel())
  }

  private static func checkClasses(_ site: CallSite) throws(ExpressionError) {
    _ = try site.type(0, "a class id or a list of numbers", where: isLabel)
    _ = try site.type(1, "a list of numbers", where: \.isListOfNumbers)
  }
}

/// What a row says of each class: one of them by its id, or a number each.
private enum ClassLabels {
  case ids([Double])
  case lists(NumberLists)

  init(_ column: Column) {
    if case .list = column {
      self = .lists(NumberLists(column))
    } else {
      self = .ids(column.doubles())
    }
  }

  /// The label of `index` in `row`; 0 for classes the row says nothing about.
  func label(_ index: Int, _ row: Int) -> Double {
    switch self {
    case .ids(let ids): return ids[row] == Double(index) ? 1 : 0
    case .lists(let lists):
      let range = lists.range(row)
      return index < range.count ? lists.values[range.lowerBound + index] : 0
    }
  }
}

struct TopKHitsKernel: RowKernel {
  let k: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = ClassLabels(inputs[0])
    let scores = NumberLists(inputs[1])
    let validity = inputs.commonValidity(rowCount)
    var hits = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount where validity.isPresent(row) {
      let values = scores.values[scores.range(row)]
      for index in 0..<values.count {
        let label = labels.label(index, row)
        guard label != 0, k >= values.count || RankingKernel.rank(of: index, values) < k else {
          continue
        }
        hits[row] += label
      }
    }
    return .float64(Float64Column(hits, validity: validity))
  }
}

struct ClassLabelKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = ClassLabels(inputs[0])
    let indices = inputs[1].integers()
    let validity = inputs.commonValidity(rowCount)
    var values = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount where validity.isPresent(row) && indices[row] >= 0 {
      values[row] = labels.label(Int(indices[row]), row)
    }
    return .float64(Float64Column(values, validity: validity))
  }
}

struct ClassOfKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let validity = inputs[0].validity
    var classes = [Int64](repeating: 0, count: rowCount)
    var missing: [Int] = []
    switch ClassLabels(inputs[0]) {
    case .ids(let ids):
      for row in 0..<rowCount where validity.isPresent(row) {
        if let id = Int64(exactly: ids[row]) { classes[row] = id } else { missing.append(row) }
      }
    case .lists(let lists):
      for row in 0..<rowCount where validity.isPresent(row) {
        let values = lists.values[lists.range(row)]
        if values.isEmpty || values.contains(where: \.isNaN) {
          missing.append(row)
        } else {
          classes[row] = Int64(RankingKernel.index(ranked: 0, values))
        }
      }
    }
    return .int64(Int64Column(classes, validity: validity.excluding(missing)))
  }
}

struct CategoricalLogLossKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let labels = ClassLabels(inputs[0])
    let scores = NumberLists(inputs[1])
    let validity = inputs.commonValidity(rowCount)
    var losses = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount where validity.isPresent(row) {
      for (index, score) in scores.values[scores.range(row)].enumerated() {
        let label = labels.label(index, row)
        if label != 0 { losses[row] -= label * NaturalLogarithm.of(score) }
      }
    }
    return .float64(Float64Column(losses, validity: validity))
  }
}

struct CosineKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let one = NumberLists(inputs[0])
    let two = NumberLists(inputs[1])
    var validity = inputs.commonValidity(rowCount)
    var cosines = [Double](repeating: 0, count: rowCount)
    var missing: [Int] = []
    for row in 0..<rowCount where validity.isPresent(row) {
      let a = one.values[one.range(row)]
      let b = two.values[two.range(row)]
      guard a.count == b.count else {
        missing.append(row)
        continue
      }
      let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      let norms =
        a.reduce(0) { $0 + $1 * $1 }.squareRoot() * b.reduce(0) { $0 + $1 * $1 }.squareRoot()
      cosines[row] = dot / norms
    }
    validity = validity.excluding(missing)
    return .float64(Float64Column(cosines, validity: validity))
  }
}
