/// The closed sets that rides are drawn from.
enum Places {
  /// A country with its cities; the order is that of popularity.
  struct Country {
    let code: String
    let cities: [String]
    /// Added to the log odds of a tip.
    let tipping: Double
  }

  static let countries = [
    Country(
      code: "us", cities: ["new york", "chicago", "austin", "seattle", "miami"], tipping: 0.9),
    Country(code: "de", cities: ["berlin", "hamburg", "münchen", "köln", "leipzig"], tipping: 0.1),
    Country(code: "fr", cities: ["paris", "lyon", "nantes", "lille", "nice"], tipping: -0.3),
    Country(
      code: "gb", cities: ["london", "leeds", "bristol", "glasgow", "cardiff"], tipping: 0.2),
    Country(
      code: "br", cities: ["são paulo", "rio", "recife", "salvador", "belém"], tipping: -0.6),
    Country(code: "in", cities: ["mumbai", "delhi", "pune", "chennai", "jaipur"], tipping: -0.5),
    Country(code: "mx", cities: ["cdmx", "puebla", "tijuana", "cancún", "león"], tipping: 0.1),
    Country(code: "jp", cities: ["tokyo", "osaka", "kyoto", "nagoya", "sapporo"], tipping: -1.4),
    Country(code: "es", cities: ["madrid", "sevilla", "bilbao", "málaga", "vigo"], tipping: -0.4),
    Country(
      code: "ca", cities: ["toronto", "montréal", "calgary", "ottawa", "halifax"], tipping: 0.7),
    Country(
      code: "nl", cities: ["amsterdam", "utrecht", "delft", "leiden", "breda"], tipping: -0.2),
    Country(
      code: "za", cities: ["cape town", "durban", "pretoria", "soweto", "paarl"], tipping: 0.3),
  ]
  static let devices = ["android", "ios", "web", "kiosk", "phone"]
  static let payments = ["card", "cash", "wallet", "corporate", "voucher"]
  /// Added to the log odds of a tip, parallel to `payments`.
  static let paymentTipping = [0.5, -0.3, 0.4, -0.1, -1.1]

  /// The words of `note`, the most frequent first; the tail is built from syllables.
  static let words: [String] = {
    let common = [
      "please", "the", "at", "near", "gate", "station", "airport", "wait", "hotel", "luggage", "to",
      "main", "entrance", "call", "me", "side", "street", "two", "bags", "quiet", "ride", "child",
      "seat", "pet", "dog", "late", "early", "quick", "terminal", "back", "door", "corner", "blue",
      "coat", "office", "park", "bridge", "café", "school", "market", "meet", "by", "red", "sign",
    ]
    let syllables = [
      "ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu", "dor", "fel", "gri", "hom", "jal",
    ]
    let count = syllables.count
    let tail = (0..<2_400).map { index in
      syllables[index % count] + syllables[index / count % count]
        + syllables[(index / (count * count) + index) % count]
    }
    return common + tail
  }()
}
