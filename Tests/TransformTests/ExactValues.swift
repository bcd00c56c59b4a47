import Columns
import Formats
import Foundation

/// What the golden outputs would be without rounding, from the constants of `exact.json` and the
/// rows by the formulas themselves.
struct ExactValues {
  private let constants: JSONValue
  private let batch: RecordBatch
  /// The inner boundaries of eight buckets of `temperature`: for each r the least value with more
  /// than r eighths of the rows at or below it.
  private let octiles: [Double]
  /// The least and greatest `fare`.
  private let extent: (low: Double, high: Double)
  private let extentsByZone: [String: (low: Double, high: Double)]

  init(_ batch: RecordBatch) throws {
    guard case .float64(let temperatures) = batch.column("temperature"),
      case .float64(let fares) = batch.column("fare")
    else { preconditionFailure("no column 'temperature' or 'fare'") }
    let zones = fares.values.indices.map { batch.column("zone")?.texts($0)[0] ?? "" }
    extent = Self.extent(fares.values)
    extentsByZone = Dictionary(grouping: zip(zones, fares.values)) { $0.0 }
      .mapValues { Self.extent($0.map(\.1)) }
    let sorted = temperatures.values.sorted()
    octiles = (1..<8).map { sorted[$0 * sorted.count / 8] }
    constants = try JSONValue(parsing: Fixture.bytes("exact.json"))
    self.batch = batch
  }

  private func numbers(_ value: JSONValue?) -> [Double] {
    (value?.array ?? []).compactMap(\.number)
  }

  private func value(_ column: String, _ row: Int) -> Double {
    switch batch.column(column) {
    case .float64(let column): column.validity.isPresent(row) ? column.values[row] : .nan
    case .int64(let column): Double(column.values[row])
    default: .nan
    }
  }

  /// The components of the golden matrix.
  private func vector(_ row: Int) -> [Double] {
    let tip = value("tip", row)
    return ["fare", "temperature", "passengers"].map { value($0, row) }
      + [tip.isNaN ? numbers(constants["tip"])[0] : tip]
  }

  private func score(_ x: Double, _ moments: JSONValue?) -> Double {
    let moments = numbers(moments)
    return (x - moments[0]) / moments[1].squareRoot()
  }

  /// The exact values of an output in a row; `nil` where TFT's are expected as they are.
  func output(_ name: String, _ row: Int) -> [Double]? {
    let x = value("fare", row)
    switch name {
    case "fare_z": return [score(x, constants["fare"])]
    case "fare_mm": return [scaled(x, extent)]
    case "miles_z": return [score(value("trip_miles", row), constants["miles"])]
    case "tip_z": return [score(value("tip", row), constants["tip"])]
    case "tip_imputed_z": return [score(vector(row)[3], constants["imputed"])]
    case "fare_z_by_zone", "fare_z_by_zone_file":
      return [score(x, constants["zones"]?[batch.column("zone")?.texts(row)[0] ?? ""])]
    case "fare_mm_by_zone":
      return extentsByZone[batch.column("zone")?.texts(row)[0] ?? ""].map { [scaled(x, $0)] }
    case "m_z_elementwise":
      return zip(vector(row), constants["elementwise"]?.array ?? []).map { score($0, $1) }
    case "m_z_all": return vector(row).map { score($0, constants["all"]) }
    case "pca":
      let matrix = numbers(constants["pca"])
      return [0, 1].map { column in
        vector(row).enumerated().reduce(0) { $0 + $1.element * matrix[2 * $1.offset + column] }
      }
    case "fare_gauss": return [gaussian(x)]
    case "temp_applied": return [Double(octiles.count { $0 <= value("temperature", row) })]
    case "temp_interp": return [interpolated(value("temperature", row))]
    default: return nil
    }
  }

  private static func extent(_ values: [Double]) -> (low: Double, high: Double) {
    (values.min() ?? .nan, values.max() ?? .nan)
  }

  private func scaled(_ x: Double, _ extent: (low: Double, high: Double)) -> Double {
    (x - extent.low) / (extent.high - extent.low) * 2 - 1
  }

  private func interpolated(_ x: Double) -> Double {
    guard let above = octiles.firstIndex(where: { x < $0 }) else { return 1 }
    guard above > 0 else { return 0 }
    let share = (x - octiles[above - 1]) / (octiles[above] - octiles[above - 1])
    return (Double(above - 1) + share) / 6
  }

  /// The z with `z·exp(h·z²/2) = (x − location) / scale`, by bisection.
  private func gaussian(_ x: Double) -> Double {
    let tukey = constants["tukey"]
    let u = (x - (tukey?["location"]?.number ?? .nan)) / (tukey?["scale"]?.number ?? .nan)
    let h = numbers(tukey?["h_params"])[u < 0 ? 0 : 1]
    var (low, high) = (0.0, u.magnitude)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle * exp(h * middle * middle / 2) < u.magnitude { low = middle } else { high = middle }
    }
    return u < 0 ? -low : low
  }

  /// The exact value of an analyzer; `nil` where TFT's is expected as it is.
  func constants(_ name: String) -> [Double]? {
    switch name {
    case "fare_tukey_location": [constants["tukey"]?["location"]?.number ?? .nan]
    case "fare_tukey_scale": [constants["tukey"]?["scale"]?.number ?? .nan]
    case "temp_quantiles8_eps.01": octiles
    case "cov4": numbers(constants["covariance"])
    case "pca4x2": numbers(constants["pca"])
    case "m_elem_mean": (constants["elementwise"]?.array ?? []).map { numbers($0)[0] }
    case "m_elem_var": (constants["elementwise"]?.array ?? []).map { numbers($0)[1] }
    default: nil
    }
  }
}
