/// Why a step of a transaction did not happen.
enum TransactionFailure: Error {
  /// Whether the transaction was committed is unknown, or it was not: the producer is to be dropped,
  /// and the brokers asked.
  case inDoubt(String)
  /// No second try would help.
  case refused(KafkaError)
  /// The run was asked to stop while the brokers did not answer.
  case stopped
}
