/// The implicit QL and QR iterations on a symmetric tridiagonal matrix, see
/// ``SymmetricEigenvectors``.
struct TridiagonalIteration {
  private(set) var diagonal: [Double]
  private var offDiagonal: [Double]
  /// Shape `[count, count]`.
  private(set) var vectors: [Double]
  private var stepsLeft: Int
  private var count: Int { diagonal.count }

  private static let epsilon = 0x1p-53

  init(_ diagonal: [Double], _ offDiagonal: [Double]) {
    self.diagonal = diagonal
    self.offDiagonal = offDiagonal
    let count = diagonal.count
    vectors = [Double](repeating: 0, count: count * count)
    for index in 0..<count { vectors[index * count + index] = 1 }
    stepsLeft = 30 * count
  }

  /// The positions of the eigenvalues, ascending.
  func ascending() -> [Int] {
    var order = Array(0..<count)
    for index in 0..<max(0, count - 1) {
      var least = index
      for other in index + 1..<count where diagonal[order[other]] < diagonal[order[least]] {
        least = other
      }
      order.swapAt(index, least)
    }
    return order
  }

  /// Makes the matrix diagonal.
  mutating func run() {
    var start = 0
    while start < count, stepsLeft > 0 {
      if start > 0 { offDiagonal[start - 1] = 0 }
      let end = blockEnd(from: start)
      if end > start {
        if diagonal[end].magnitude < diagonal[start].magnitude {
          iterateUpwards(from: end, to: start)
        } else {
          iterateDownwards(from: start, to: end)
        }
        // What the iterations have split is looked at again.
        if (start..<end).contains(where: { offDiagonal[$0] != 0 }) { continue }
      }
      start = end + 1
    }
  }

  /// The last row of the block that begins at `start`.
  private mutating func blockEnd(from start: Int) -> Int {
    for row in start..<max(start, count - 1) {
      let size = offDiagonal[row].magnitude
      let bound =
        diagonal[row].magnitude.squareRoot() * diagonal[row + 1].magnitude.squareRoot()
      if size == 0 || size <= bound * Self.epsilon {
        offDiagonal[row] = 0
        return row
      }
    }
    return count - 1
  }

  /// Whether the entry beside rows `row` and `row + 1` is as good as 0.
  private func isSmall(_ row: Int) -> Bool {
    let size = offDiagonal[row].magnitude
    return size * size <= Self.epsilon * Self.epsilon * diagonal[row].magnitude
      * diagonal[row + 1].magnitude + .leastNormalMagnitude
  }

  /// QL: eigenvalues are found from `first` on.
  private mutating func iterateDownwards(from first: Int, to last: Int) {
    var row = first
    while row <= last {
      let split = (row..<max(row, last)).first(where: isSmall) ?? last
      if split < last { offDiagonal[split] = 0 }
      if split == row {
        row += 1
      } else if split == row + 1 {
        solvePair(row)
        row += 2
      } else {
        guard spendStep() else { return }
        stepDown(row, split)
      }
    }
  }

  /// QR: eigenvalues are found from `last` back.
  private mutating func iterateUpwards(from last: Int, to first: Int) {
    var row = last
    while row >= first {
      let split = (first..<max(first, row)).last(where: isSmall).map { $0 + 1 } ?? first
      if split > first { offDiagonal[split - 1] = 0 }
      if split == row {
        row -= 1
      } else if split == row - 1 {
        solvePair(row - 1)
        row -= 2
      } else {
        guard spendStep() else { return }
        stepUp(row, split)
      }
    }
  }

  private mutating func spendStep() -> Bool {
    stepsLeft -= 1
    return stepsLeft > 0
  }

  private mutating func stepDown(_ row: Int, _ end: Int) {
    var g = shift(diagonal[row], diagonal[row + 1], offDiagonal[row], diagonal[end])
    var (c, s, p) = (1.0, 1.0, 0.0)
    for i in (row..<end).reversed() {
      let (f, b) = (s * offDiagonal[i], c * offDiagonal[i])
      var r: Double
      (c, s, r) = Self.rotation(g, f)
      if i != end - 1 { offDiagonal[i + 1] = r }
      g = diagonal[i + 1] - p
      r = (diagonal[i] - g) * s + 2 * c * b
      p = s * r
      diagonal[i + 1] = g + p
      g = c * r - b
      rotate(i, c, -s)
    }
    diagonal[row] -= p
    offDiagonal[row] = g
  }

  private mutating func stepUp(_ row: Int, _ end: Int) {
    var g = shift(diagonal[row], diagonal[row - 1], offDiagonal[row - 1], diagonal[end])
    var (c, s, p) = (1.0, 1.0, 0.0)
    for i in end..<row {
      let (f, b) = (s * offDiagonal[i], c * offDiagonal[i])
      var r: Double
      (c, s, r) = Self.rotation(g, f)
      if i != end { offDiagonal[i - 1] = r }
      g = diagonal[i] - p
      r = (diagonal[i + 1] - g) * s + 2 * c * b
      p = s * r
      diagonal[i] = g + p
      g = c * r - b
      rotate(i, c, s)
    }
    diagonal[row] -= p
    offDiagonal[row - 1] = g
  }

  /// Wilkinson's shift, taken off `end`.
  private func shift(_ own: Double, _ next: Double, _ off: Double, _ end: Double) -> Double {
    let g = (next - own) / (2 * off)
    let r = (g * g + 1).squareRoot()
    return end - own + off / (g + (g.sign == .minus ? -r : r))
  }

  /// Cosine and sine that turn `(f, g)` into `(r, 0)`.
  private static func rotation(_ f: Double, _ g: Double) -> (Double, Double, Double) {
    if g == 0 { return (1, 0, f) }
    if f == 0 { return (0, g < 0 ? -1 : 1, g.magnitude) }
    let length = (f * f + g * g).squareRoot()
    let r = f < 0 ? -length : length
    return (f.magnitude / length, g / r, r)
  }

  /// Rotates columns `column` and `column + 1` of the vectors.
  private mutating func rotate(_ column: Int, _ c: Double, _ s: Double) {
    for row in 0..<count {
      let place = row * count + column
      let (one, two) = (vectors[place], vectors[place + 1])
      vectors[place + 1] = c * two - s * one
      vectors[place] = s * two + c * one
    }
  }

  /// Solves the block of rows `row` and `row + 1`; LAPACK's `dlaev2`.
  private mutating func solvePair(_ row: Int) {
    let (a, b, c) = (diagonal[row], offDiagonal[row], diagonal[row + 1])
    let (sum, difference) = (a + c, a - c)
    let root = (difference * difference + 4 * b * b).squareRoot()
    let (most, least) = a.magnitude > c.magnitude ? (a, c) : (c, a)
    var first = 0.5 * root
    var second = -0.5 * root
    if sum != 0 {
      first = 0.5 * (sum < 0 ? sum - root : sum + root)
      second = most / first * least - b / first * b
    }
    let lead = difference >= 0 ? difference + root : difference - root
    var (cosine, sine) = (1.0, 0.0)
    if lead.magnitude > 2 * b.magnitude {
      let cotangent = -2 * b / lead
      sine = 1 / (1 + cotangent * cotangent).squareRoot()
      cosine = cotangent * sine
    } else if b != 0 {
      let tangent = -lead / (2 * b)
      cosine = 1 / (1 + tangent * tangent).squareRoot()
      sine = tangent * cosine
    }
    if (sum < 0) == (difference < 0) { (cosine, sine) = (-sine, cosine) }
    rotate(row, cosine, sine)
    diagonal[row] = first
    diagonal[row + 1] = second
    offDiagonal[row] = 0
  }
}
