// The loops over pairs of values. `body` never escapes and these are inlined, so that each caller
// gets a loop of its own without a call a row.

@inline(__always)
func combined<Value, Result: ExpressibleByIntegerLiteral>(
  _ a: [Value], _ b: [Value], _ body: (Value, Value) -> Result
) -> [Result] {
  precondition(a.count == b.count, "\(a.count) rows against \(b.count)")
  var result = [Result](repeating: 0, count: a.count)
  let (one, two) = (a.span, b.span)
  var rows = result.mutableSpan
  // What lets the compiler drop the checks inside the loop, and make it one of vectors.
  precondition(one.count == rows.count && two.count == rows.count)
  for row in 0..<rows.count { rows[row] = body(one[row], two[row]) }
  return result
}

@inline(__always)
func compared<Value>(_ a: [Value], _ b: [Value], _ body: (Value, Value) -> Bool) -> [Bool] {
  precondition(a.count == b.count, "\(a.count) rows against \(b.count)")
  var result = [Bool](repeating: false, count: a.count)
  let (one, two) = (a.span, b.span)
  var rows = result.mutableSpan
  precondition(one.count == rows.count && two.count == rows.count)
  for row in 0..<rows.count { rows[row] = body(one[row], two[row]) }
  return result
}

/// Collects in `overflowed` the rows for which `body` says so.
@inline(__always)
func checked(
  _ a: [Int64], _ b: [Int64], _ overflowed: inout [Int], _ body: (Int64, Int64) -> (Int64, Bool)
) -> [Int64] {
  precondition(a.count == b.count, "\(a.count) rows against \(b.count)")
  var result = [Int64](repeating: 0, count: a.count)
  for row in 0..<a.count {
    let (value, overflow) = body(a[row], b[row])
    result[row] = value
    if overflow { overflowed.append(row) }
  }
  return result
}
