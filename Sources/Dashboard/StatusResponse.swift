/// What is answered to a request.
struct StatusResponse {
  var code: Int
  var type = "text/plain; charset=utf-8"
  var body: String

  /// The answer to `GET path`.
  ///
  /// - Parameters:
  ///   - path: Without the query.
  ///   - authorization: The header of that name.
  ///   - token: What it must carry, if anything.
  ///   - status: Gives the status, if it is needed.
  init(
    _ path: String, authorization: String?, token: StatusEndpoint.Secret?, status: () -> RunStatus
  ) {
    switch path {
    case "/livez", "/healthz": self.init(code: 200, body: "ok\n")
    case "/readyz":
      let status = status()
      self.init(code: status.isReady ? 200 : 503, body: status.condition + "\n")
    case "/metrics", "/status":
      guard Self.isAllowed(authorization, token) else {
        self.init(code: 401, body: "give the token: Authorization: Bearer TOKEN\n")
        return
      }
      self.init(
        code: 200,
        type: path == "/metrics"
          ? "text/plain; version=0.0.4; charset=utf-8" : "application/json",
        body: path == "/metrics" ? RunMetrics(status: status()).text : StatusJSON(status()).text)
    case "/":
      self.init(code: 200, body: "limno\n\n/livez\n/readyz\n/metrics\n/status\n")
    default: self.init(code: 404, body: "there is /livez, /readyz, /metrics and /status\n")
    }
  }

  private init(code: Int, type: String? = nil, body: String) {
    self.code = code
    self.body = body
    if let type { self.type = type }
  }

  private static func isAllowed(
    _ authorization: String?, _ token: StatusEndpoint.Secret?
  ) -> Bool {
    guard let token else { return true }
    guard let authorization, let space = authorization.firstIndex(of: " "),
      authorization[..<space].lowercased() == "bearer"
    else { return false }
    return token.matches(String(authorization[authorization.index(after: space)...]))
  }
}
