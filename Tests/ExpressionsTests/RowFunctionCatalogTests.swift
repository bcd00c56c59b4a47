import Columns
import Expressions
import Foundation
import Testing

/// A formula over ``Sample`` and the value it must have in each row.
struct FormulaCase: CustomTestStringConvertible, Sendable {
  var formula: String
  /// What the catalogue calls the function at its root.
  var function: String
  var expected: [Value]

  init(_ formula: String, _ function: String, _ expected: [Value]) {
    self.formula = formula
    self.function = function
    self.expected = expected
  }

  var testDescription: String { formula }
}

@Suite struct RowFunctionCatalogTests {
  static let inf = Value.float(.infinity)
  static let nan = Value.float(.nan)

  static let numeric: [FormulaCase] = [
    .init("x + y", "add", [3.5, nil, nan, nil, inf, 0.0]),
    .init("i + j", "add", [9, -5, 0, nil, nil, nil]),
    .init("i + x", "add", [8.5, -9.0, nan, nil, inf, .float(-0x1p63)]),
    .init("t + 1", "add", [1, 0, 1_788_256_800_000_001, nil, 86_400_000_001, 3_600_000_001]),
    .init("x - y", "subtract", [-0.5, nil, nan, nil, inf, -0.0]),
    .init("i - j", "subtract", [5, -9, 0, nil, .int(.max - 1), .int(.min + 1)]),
    .init("t - t", "subtract", [0, 0, 0, nil, 0, 0]),
    .init("i * j", "multiply", [14, -14, 0, nil, .int(.max), nil]),
    .init("x * y", "multiply", [3.0, nil, nan, nil, inf, -0.0]),
    .init("b * 2", "multiply", [2, 0, 2, nil, 0, nil]),
    .init("i / j", "divide", [3.5, -3.5, nan, nil, .float(0x1p63), .float(0x1p63)]),
    .init("i % j", "modulo", [1, 1, nil, nil, 0, 0]),
    .init("i % -2", "modulo", [-1, -1, 0, nil, -1, 0]),
    .init("x % 2", "modulo", [1.5, -0.0, nan, nil, nan, -0.0]),
    .init("-x", "negate", [-1.5, 2.0, nan, nil, .float(-.infinity), 0.0]),
    .init("-i", "negate", [-7, 7, 0, nil, .int(-.max), nil]),
    .init(
      "log(y)", "log",
      [
        0.6931471805599453, nil, 0.0, 1.0986122886681098, 0.0,
        .float(-.infinity),
      ]),
    .init(
      "log1p(y)", "log1p",
      [
        1.0986122886681096, nil, 0.6931471805599453,
        1.3862943611198906, 0.6931471805599453, 0.0,
      ]),
    .init(
      "exp(y)", "exp",
      [
        7.38905609893065, nil, 2.718281828459045, 20.085536923187668,
        2.718281828459045, 1.0,
      ]),
    .init("sqrt(x)", "sqrt", [.float(1.5.squareRoot()), nan, nan, nil, inf, -0.0]),
    .init("abs(x)", "abs", [1.5, 2.0, nan, nil, inf, 0.0]),
    .init("abs(i)", "abs", [7, 7, 0, nil, .int(.max), nil]),
    .init("floor(x)", "floor", [1.0, -2.0, nan, nil, inf, -0.0]),
    .init("floor(i)", "floor", [7, -7, 0, nil, .int(.max), .int(.min)]),
    .init("ceil(x)", "ceil", [2.0, -2.0, nan, nil, inf, -0.0]),
    .init("round(x + 1)", "round", [2.0, -1.0, nan, nil, inf, 1.0]),
    .init("sigmoid(x)", "sigmoid", [0.8175744761936437, 0.11920292202211755, nan, nil, 1.0, 0.5]),
    .init("tanh(x)", "tanh", [0.9051482536448664, -0.9640275800758169, nan, nil, 1.0, -0.0]),
    .init("minimum(x, y)", "minimum", [1.5, nil, nan, nil, 1.0, 0.0]),
    .init("minimum(y, x)", "minimum", [1.5, nil, nan, nil, 1.0, -0.0]),
    .init("maximum(i, j)", "maximum", [7, 2, 0, nil, .int(.max), -1]),
    .init("clip(x, -1, 1)", "clip", [1.0, -1.0, nan, nil, 1.0, -0.0]),
    .init("clip(i, min=-5, max=5)", "clip", [5, -5, 0, nil, 5, -5]),
    .init("pow(y, 2)", "pow", [4.0, nil, 1.0, 9.0, 1.0, 0.0]),
    .init("squared_error(y, j)", "squared_error", [0.0, nil, 1.0, 4.0, 0.0, 1.0]),
    .init(
      "log_loss(y / 2, 0.5 + x * 0)", "log_loss",
      [
        0.6931471805599453, nil, nan, nil, nan, 0.6931471805599453,
      ]),
    .init("hour_of_day(t)", "hour_of_day", [0, 23, 10, nil, 0, 1]),
    .init("day_of_week(t)", "day_of_week", [3, 2, 1, nil, 4, 3]),
  ]

  static let logical: [FormulaCase] = [
    .init("x == y", "equal", [false, nil, false, nil, false, true]),
    .init("s == 'É'", "equal", [false, false, false, nil, true, false]),
    .init("p == s", "equal", [true, true, true, nil, true, true]),
    .init("x != x", "not_equal", [false, false, true, nil, false, false]),
    .init("i < j", "less", [false, true, false, nil, false, true]),
    .init("'10' < p", "less", [true, false, false, nil, true, false]),
    .init("s <= '10'", "less_equal", [false, true, true, nil, false, true]),
    .init("x > -1", "greater", [true, false, false, nil, true, true]),
    .init("t >= 0", "greater_equal", [true, false, true, nil, true, true]),
    .init("between(x, -2, 1.5)", "between", [true, true, false, nil, false, true]),
    .init("between(i, 0, high=7)", "between", [true, false, true, nil, false, false]),
    .init("b and c", "and", [true, false, nil, nil, false, false]),
    .init("b or c", "or", [true, true, true, nil, nil, nil]),
    .init("not b", "not", [false, true, false, nil, true, nil]),
    .init("where(b, x, i)", "where", [1.5, -7.0, nan, nil, .float(0x1p63), nil]),
    .init("where(b, i, -1)", "where", [7, -1, 0, nil, -1, nil]),
    .init("where(b, s, 'no')", "where", ["Ab c", "no", " x\t", nil, "no", nil]),
    .init("where(b, p, 'no')", "where", ["Ab c", "no", " x\t", nil, "no", nil]),
    .init("fill_missing(x, y)", "fill_missing", [1.5, -2.0, nan, 3.0, inf, -0.0]),
    .init("fill_missing(s, 'none')", "fill_missing", ["Ab c", "", " x\t", "none", "É", "10"]),
    .init("fill_missing(p, 'none')", "fill_missing", ["Ab c", "", " x\t", "none", "É", "10"]),
    .init("fill_missing(b, false)", "fill_missing", [true, false, true, false, false, false]),
    .init("is_missing(words)", "is_missing", [false, false, false, true, false, false]),
    .init("is_nan(x)", "is_nan", [false, false, true, nil, false, false]),
    .init("int(x)", "int", [1, -2, nil, nil, nil, 0]),
    .init("int(s)", "int", [nil, nil, nil, nil, nil, 10]),
    .init("int(t)", "int", [0, -1, 1_788_256_800_000_000, nil, 86_400_000_000, 3_600_000_000]),
    .init("float(i)", "float", [7.0, -7.0, 0.0, nil, .float(0x1p63), .float(-0x1p63)]),
    .init("float(p)", "float", [nil, nil, nil, nil, nil, 10.0]),
    .init(
      "float32(x + 0.1)", "float32",
      [
        .float(Double(Float(1.6))), .float(Double(Float(-1.9))), nan, nil, inf,
        .float(Double(Float(0.1))),
      ]),
    .init("bool(i)", "bool", [true, true, false, nil, true, true]),
    .init("bool(where(b, 'true', s))", "bool", [true, nil, true, nil, nil, nil]),
    .init(
      "string(i)", "string",
      [
        "7", "-7", "0", nil, "9223372036854775807", "-9223372036854775808",
      ]),
    .init("string(x)", "string", ["1.5", "-2.0", "nan", nil, "inf", "-0.0"]),
    .init("string(b)", "string", ["true", "false", "true", nil, "false", nil]),
  ]

  static let textual: [FormulaCase] = [
    .init("lower(s)", "lower", ["ab c", "", " x\t", nil, "É", "10"]),
    .init("lower(p)", "lower", ["ab c", "", " x\t", nil, "É", "10"]),
    .init("upper(s)", "upper", ["AB C", "", " X\t", nil, "É", "10"]),
    .init("strip(s)", "strip", ["Ab c", "", "x", nil, "É", "10"]),
    .init("strip(p)", "strip", ["Ab c", "", "x", nil, "É", "10"]),
    .init("split(s)", "split", [["Ab", "c"], [], ["x"], nil, ["É"], ["10"]]),
    .init("split(p)", "split", [["Ab", "c"], [], ["x"], nil, ["É"], ["10"]]),
    .init("split(p, ' ')", "split", [["Ab", "c"], [""], ["", "x\t"], nil, ["É"], ["10"]]),
    .init(
      "split(concat(s, '::', s), sep='::')", "split",
      [
        ["Ab c", "Ab c"], ["", ""], [" x\t", " x\t"], nil, ["É", "É"], ["10", "10"],
      ]),
    .init("join(split(p), '-')", "join", ["Ab-c", "", "x", nil, "É", "10"]),
    .init("join(words)", "join", ["ab", "", "", nil, "a", ""]),
    .init(
      "concat(s, '_X_', p)", "concat",
      [
        "Ab c_X_Ab c", "_X_", " x\t_X_ x\t", nil, "É_X_É", "10_X_10",
      ]),
    .init(
      "concat(s, s, separator='+')", "concat",
      [
        "Ab c+Ab c", "+", " x\t+ x\t", nil, "É+É", "10+10",
      ]),
    .init("length(s)", "length", [4, 0, 3, nil, 2, 2]),
    .init("length(words)", "length", [2, 0, 1, nil, 1, 0]),
    .init(
      "one_hot(j, 3)", "one_hot",
      [
        [0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0],
      ]),
    .init("lower(split(s))", "lower", [["ab", "c"], [], ["x"], nil, ["É"], ["10"]]),
    .init("numbers + 1", "add", [[2.0, nan], [], [nil], nil, [0.0], []]),
    .init("words == 'a'", "equal", [[true, false], [], [nil], nil, [true], []]),
  ]

  static let scaling: [FormulaCase] = [
    .init("apply_z_score(y, 1, 4)", "apply_z_score", [0.5, nil, 0.0, 1.0, 0.0, -0.5]),
    .init("apply_z_score(x, 1.5, 0)", "apply_z_score", [0.0, -3.5, nan, nil, inf, -1.5]),
    .init("apply_min_max(y, 0, 4)", "apply_min_max", [0.5, nil, 0.25, 0.75, 0.25, 0.0]),
    .init("apply_min_max(y, 0, 4, -1, 1)", "apply_min_max", [0.0, nil, -0.5, 0.5, -0.5, -1.0]),
    .init(
      "apply_min_max(y - 2, 3, 3)", "apply_min_max",
      [
        0.5, nil, 0.2689414213699951, 0.7310585786300049, 0.2689414213699951, 0.11920292202211755,
      ]),
    .init("apply_buckets(x, [-2, 0, 1.5])", "apply_buckets", [3, 1, 3, nil, 3, 2]),
    .init("apply_buckets(y, [])", "apply_buckets", [0, nil, 0, 0, 0, 0]),
    .init("apply_z_score(y, j, j)", "apply_z_score", [0.0, nil, 1.0, 2.0, 0.0, nan]),
    .init("apply_min_max(y, j - 2, j)", "apply_min_max", [1.0, nil, 1.5, 2.0, 1.0, 1.5]),
    .init(
      "apply_buckets_with_interpolation(x, [-2, 0, 2, 2])", "apply_buckets_with_interpolation",
      [.float(1.75 / 3), 0.0, 0.5, nil, 1.0, .float(1.0 / 3)]),
    .init(
      "apply_buckets_with_interpolation(y, [2])", "apply_buckets_with_interpolation",
      [1.0, nil, 0.0, 1.0, 0.0, 0.0]),
    .init("apply_gaussian(y, 1, 2, [0, 0], 4)", "apply_gaussian", [0.5, nil, 0.0, 1.0, 0.0, -0.5]),
    .init("apply_gaussian(y, 1, 2, [0, 0], 0)", "apply_gaussian", [1.0, nil, 0.0, 2.0, 0.0, -1.0]),
    .init("apply_vocabulary(s, ['10', 'É', '10'])", "apply_vocabulary", [-1, -1, -1, nil, 1, 0]),
    .init(
      "apply_vocabulary(i, ['0', '-7'], default_value=5)", "apply_vocabulary",
      [
        5, 1, 0, nil, 5, 5,
      ]),
  ]

  /// Rows of `numbers`: [1, NaN], [], [missing], missing, [-1], [].
  static let classes: [FormulaCase] = [
    .init("element(numbers, 0)", "element", [1.0, nil, nan, nil, -1.0, nil]),
    .init("element(one_hot(j, 3), j)", "element", [1.0, 1.0, 1.0, 1.0, 1.0, nil]),
    .init("rank_of(one_hot(j, 3), 1)", "rank_of", [2, 2, 1, 0, 0, 1]),
    .init("ranked_index(one_hot(j, 3), 1)", "ranked_index", [2, 2, 0, 1, 1, 0]),
    .init("ranked_index(one_hot(j, 3), 3)", "ranked_index", [1, 1, 2, 2, 2, 2]),
    .init("ranked_value(one_hot(j, 3), 2)", "ranked_value", [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    .init("ranked_value(numbers, 1)", "ranked_value", [nan, nil, nan, nil, -1.0, nil]),
    .init("top_k_hits(j, one_hot(j, 3), 1)", "top_k_hits", [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]),
    .init("top_k_hits(0, one_hot(j, 3), 2)", "top_k_hits", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    .init(
      "top_k_hits(one_hot(j, 3) * 2, one_hot(0, 3), 1)", "top_k_hits",
      [0.0, 0.0, 2.0, 0.0, 0.0, 0.0]),
    .init(
      "categorical_log_loss(j, one_hot(j, 3) * 0.5)", "categorical_log_loss",
      [
        0.6931471805599453, 0.6931471805599453, 0.6931471805599453, 0.6931471805599453,
        0.6931471805599453, 0.0,
      ]),
    .init("distinct(words)", "distinct", [["a", "b"], [], [nil], nil, ["a"], []]),
    .init(
      "distinct(one_hot(j, 3))", "distinct",
      [[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0]]),
    .init("class_label(j, 2)", "class_label", [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    .init("class_label(one_hot(j, 3) * 0.5, j)", "class_label", [0.5, 0.5, 0.5, 0.5, 0.5, 0.0]),
    .init("class_of(j)", "class_of", [2, 2, 0, 1, 1, -1]),
    .init("class_of(numbers)", "class_of", [nil, nil, nil, nil, 0, nil]),
    .init(
      "cosine_similarity(one_hot(j, 3), one_hot(2, 3))", "cosine_similarity",
      [1.0, 1.0, 0.0, 0.0, 0.0, nan]),
    .init(
      "bleu_counts(s, p)", "bleu_counts",
      [
        [2.0, 1.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 2.0, 2.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0], nil,
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
      ]),
    .init(
      "rouge(s, 'ab 10', 'rouge1')", "rouge",
      [
        [0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], nil, [0.0, 0.0, 0.0],
        [0.5, 1.0, 0.6666666666666666],
      ]),
    .init(
      "set_match(words, words, numbers, -1.5, 9)", "set_match",
      [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], nil, nil, [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
  ]

  /// Rows of `words`: [a, b], [], [missing], missing, [a], [].
  static let lists: [FormulaCase] = [
    .init(
      "ngrams(split('a b a'), [1, 2], ' ')", "ngrams",
      Array(repeating: ["a", "a b", "b", "b a", "a"], count: 6)),
    .init("ngrams(words, [2, 3], '+')", "ngrams", [["a+b"], [], [], nil, [], []]),
    .init("ngrams(words, [1, 1], '')", "ngrams", [["a", "b"], [], [], nil, ["a"], []]),
    .init("sort(apply_vocabulary(words, ['b', 'a']))", "sort", [[0, 1], [], [], nil, [1], []]),
    .init(
      "sort(int(one_hot(j, 3)))", "sort", Array(repeating: [0, 0, 1], count: 5) + [[0, 0, 0]]),
    .init(
      "term_frequencies(int(one_hot(j, 3)))", "term_frequencies",
      Array(repeating: [.float(2.0 / 3), .float(1.0 / 3)], count: 5) + [[1.0]]),
    .init(
      "term_frequencies(apply_vocabulary(words, ['b', 'a']))", "term_frequencies",
      [[0.5, 0.5], [], [], nil, [1.0], []]),
    .init("gather([5, 0.5], j)", "gather", [0.0, 0.0, 5.0, 0.5, 0.5, 0.0]),
    .init(
      "gather([5, 0.5], apply_vocabulary(words, ['a']), 9)", "gather",
      [[5.0, 9.0], [], [nil], nil, [5.0], []]),
    .init("places(words)", "places", [[0, 1], [], [nil], nil, [0], []]),
    .init("substr(s, 1, 2)", "substr", ["b ", "", "x\t", nil, "\u{FFFD}", "0"]),
    .init("substr(p, -1, 5)", "substr", ["c", "", "\t", nil, "\u{FFFD}", "0"]),
    .init("numbers * numbers", "multiply", [[1.0, nan], [], [nil], nil, [1.0], []]),
    .init("numbers * places(words)", "multiply", [[0.0, nan], [], [nil], nil, [-0.0], []]),
    .init("numbers * one_hot(j, 1)", "multiply", [nil, nil, [nil], nil, [-0.0], nil]),
    .init(
      "stack(y, j)", "stack",
      [[2.0, 2.0], nil, [1.0, 0.0], [3.0, 1.0], [1.0, 1.0], [0.0, -1.0]]),
    .init(
      "matmul(stack(y, j), [1, 10, 2, 20], 2)", "matmul",
      [[6.0, 60.0], nil, [1.0, 10.0], [5.0, 50.0], [3.0, 30.0], [-2.0, -20.0]]),
    .init("matmul(numbers, [2], 1)", "matmul", [nil, nil, [nan], nil, [-2.0], nil]),
    .init(
      "to_dense(words, 2, '-')", "to_dense",
      [["a", "b"], ["-", "-"], ["-", "-"], ["-", "-"], ["a", "-"], ["-", "-"]]),
    .init("to_dense(y, 1, -1)", "to_dense", [[2.0], [-1.0], [1.0], [3.0], [1.0], [0.0]]),
    .init(
      "interleave(places(words), places(words))", "interleave",
      [[0.0, 0.0, 1.0, 1.0], [], [nan, nan], nil, [0.0, 0.0], []]),
    // Boxes by hand: [0, 0, 2, 2] of class j, found as [0, 0, 2, 1] with score 0.9, half of it.
    .init(
      "box_labels(stack(0, 0, 2, 2, j), stack(0, 0, 2, 1, j, 0.9), 1)", "box_labels",
      [[], [], [], [1.0], [1.0], []]),
    .init(
      "box_scores(stack(0, 0, 2, 2, j), stack(0, 0, 2, 1, j, 0.9), 1, iou=0.51)", "box_scores",
      [[], [], [], [0.0, 0.9], [0.0, 0.9], []]),
    .init(
      "box_counts(stack(0, 0, 2, 2, 1), stack(0, 0, 2, 1, j, 0.9), 1, least_area=3)", "box_counts",
      [
        [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0],
      ]),
    .init(
      "box_counts(stack(2, 0, 0, 2, 1), stack(j, j), 1)", "box_counts",
      Array(repeating: nil, count: 6)),
    .init(
      "mask_counts(stack(1, 1, 2, 3), stack(1, 2, 1, 1), 1, 3)", "mask_counts",
      Array(repeating: [1.0, 1.0, 0.0, 1.0], count: 6)),
    .init("to_dense(numbers, 1)", "to_dense", [[1.0], [0.0], [0.0], [0.0], [-1.0], [0.0]]),
  ]

  /// The times are 1970-01-01, the microsecond before, 2026-09-01T10:00, and 1970-01-02.
  static let dates: [FormulaCase] = [
    .init("year(t)", "year", [1970, 1969, 2026, nil, 1970, 1970]),
    .init("month(t)", "month", [1, 12, 9, nil, 1, 1]),
    .init("day_of_month(t)", "day_of_month", [1, 31, 1, nil, 2, 1]),
    .init("day_of_year(t)", "day_of_year", [1, 365, 244, nil, 2, 1]),
    .init("minute_of_hour(t - 1)", "minute_of_hour", [59, 59, 59, nil, 59, 59]),
    .init("second_of_minute(t - 1)", "second_of_minute", [59, 59, 59, nil, 59, 59]),
  ]

  static let all = numeric + logical + textual + scaling + classes + lists + dates

  @Test(arguments: all) func `a formula has the stated value in every row`(
    _ formula: FormulaCase
  ) throws {
    #expect(try Sample.rows(formula.formula) == formula.expected)
  }

  @Test func `every function of the catalogue has a case`() {
    // Models have tests of their own.
    let tested = Set(Self.all.map(\.function)).union([
      "onnx", "saved_model",
      "hash_strings", "bootstrap_samples", "jackknife_part", "sample_order", "value_of_key",
      "apply_buckets_per_key",
    ])
    #expect(RowFunctionCatalog.names.filter { !tested.contains($0) } == [])
  }

  @Test func `names are unique and not reserved`() {
    #expect(Set(RowFunctionCatalog.names).count == RowFunctionCatalog.all.count)
    #expect(!RowFunctionCatalog.names.contains("constant"))
  }

  static let table = KeyedTable(
    keys: TokenList(["-7", "7", "Ab c"]), width: 2, values: [1, 2, 3, 3, 0, 1.5])

  /// Evaluates `formula` with `constant('t')` as ``table``.
  private func keyed(_ formula: String) throws -> [Value] {
    let program = try RowProgram(
      [Expression(formula: formula)], schema: Sample.schema, constants: ["t": .table(Self.table)])
    return program.makeEvaluator().evaluate(Sample.batch)[0].rows
  }

  @Test func `a table gives the number of a key, and the default without one`() throws {
    #expect(try keyed("value_of_key(i, constant('t'), 1)") == [3.0, 2.0, 0.0, nil, 0.0, 0.0])
    #expect(
      try keyed("value_of_key(s, constant('t'), index=1, default=-1)")
        == [1.5, -1.0, -1.0, nil, -1.0, -1.0])
    #expect(try keyed("value_of_key(p, constant('t'))") == [0.0, 0.0, 0.0, nil, 0.0, 0.0])
  }

  @Test func `each key has its own buckets`() throws {
    #expect(
      try keyed("apply_buckets_per_key(y, i, constant('t'))") == [0, nil, -1, nil, -1, -1])
    #expect(
      try keyed("apply_buckets_per_key(x, s, constant('t'))") == [2, -1, -1, nil, -1, -1])
  }

  /// Brute force: z·exp(h·z²/2) must give back the argument.
  @Test(arguments: [(0.0, 0.1), (0.3, 0.0), (0.5, 0.9)])
  func `the inverse of Tukey's transform inverts it`(_ left: Double, _ right: Double) throws {
    for z in stride(from: -5.0, through: 5, by: 0.125) {
      let h = z < 0 ? left : right
      let x = 3 + 2 * z * exp(h * z * z / 2)
      let rows = try Sample.rows("apply_gaussian(\(x), 3, 2, [\(left), \(right)], 1)")
      guard case .float(let value) = rows[0], left + right > 0 else { return }
      // Below 1e-7 the argument itself is taken, which is off by that share.
      #expect((value - z).magnitude <= 1e-7 * z.magnitude + 1e-14, "z \(z)")
    }
  }

  /// Values of TensorFlow Transform 1.21, `edge_cases.json`, case `hash`.
  @Test func `hash_strings gives the buckets of TFT`() throws {
    let schema = Schema([Field("x", .string)])
    let batch = RecordBatch(
      schema: schema, rowCount: 4,
      columns: [.string(StringColumn(["a", "hello", "", "日本"]))])
    let program = try RowProgram(
      [
        Expression(formula: "hash_strings(x, 1000)"),
        Expression(formula: "hash_strings(x, 1000, key=[1, 2])"),
      ], schema: schema)
    let columns = program.makeEvaluator().evaluate(batch)
    #expect(columns[0].rows == [939, 296, 263, 883])
    #expect(columns[1].rows == [646, 622, 435, 27])
  }

  @Test func `an int is hashed and looked up as its decimal text`() throws {
    let hashed = try Sample.rows("hash_strings(i, 97)")
    #expect(try hashed == Sample.rows("hash_strings(string(i), 97)"))
    let ids = try Sample.rows("apply_vocabulary(i, ['7'], num_oov_buckets=9)")
    #expect(ids[0] == 0)
    #expect(
      try ids == Sample.rows("apply_vocabulary(string(i), ['7'], num_oov_buckets=9)"))
  }
}
