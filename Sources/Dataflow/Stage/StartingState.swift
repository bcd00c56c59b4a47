public import EventTime

/// What a window holds before the first row: the states of an earlier run.
public struct StartingState: Sendable {
  /// The stage's position in the pipeline.
  public var stage: Int
  public var window: Window
  public var content: PaneContent

  public init(stage: Int, window: Window, content: PaneContent) {
    self.stage = stage
    self.window = window
    self.content = content
  }
}
