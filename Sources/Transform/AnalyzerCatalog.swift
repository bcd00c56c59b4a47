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
    .planned("approximate_vocabulary", "vocabularies are exact; a space-saving sketch is to come"),
    .planned("histogram", "needs an accumulator of counts over given boundaries"),
    .planned("count_per_key", "use vocabulary(x, store_frequency=True), or a keyed aggregate"),
    .planned("covariance", "needs vector columns and a covariance accumulator"),
    .planned("pca", "needs covariance"),
    .planned("tukey_location", "needs L-moments"),
    .planned("tukey_scale", "needs L-moments"),
    .planned("tukey_h_params", "needs L-moments"),
    .planned("ptransform_analyzer", "runs user-written Beam code"),
    .planned("cacheable_ptransform_analyzer", "runs user-written Beam code"),
  ]
}
