/// The value of a metric's parameter, as written in the job file.
public enum ParameterValue: Hashable, Sendable {
  case number(Double)
  case numbers([Double])
  case texts([String])
  case text(String)
}
