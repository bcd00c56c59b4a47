import Expressions

/// `; did you mean 'x'?` for the candidate nearest to a misspelt name, or nothing.
func suggestion(for name: String, among candidates: [String]) -> String {
  NearestName.of(name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
}
