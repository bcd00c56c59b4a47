/// Why a record is bad; becomes the reason of a ``BadRecord``.
struct RowFault: Error, Hashable {
  /// The field, such as `tags[3]`; empty when the record's syntax is at fault.
  var path = ""
  var reason: String

  init(_ reason: String) { self.reason = reason }

  var description: String { path.isEmpty ? reason : "\(path): \(reason)" }

  /// The same, with `element` in front of the path.
  func under(_ element: String) -> RowFault {
    var fault = self
    fault.path = element + path
    return fault
  }
}
