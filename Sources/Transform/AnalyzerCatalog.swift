import Dataflow
import Expressions

/// The analyzers of TFT and ours: full-pass statistics whose values become constants.
public enum AnalyzerCatalog {
  /// Supported ones first, in the order of the documentation.
  public static let entries: [CatalogEntry] =
    AggregateFunctionCatalog.all.map {
      CatalogEntry(
        name: $0.name, signature: $0.signature.description, summary: $0.summary,
        status: .supported)
    } + planned

  private static let planned: [CatalogEntry] = [
    .planned(
      "ptransform_analyzer", "runs Beam code; write an aggregate function in Swift, one file"),
    .planned(
      "cacheable_ptransform_analyzer",
      "runs Beam code; every analyzer's state here can be stored and merged"),
  ]
}
