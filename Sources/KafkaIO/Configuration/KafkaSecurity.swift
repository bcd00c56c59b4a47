/// How a client proves who it is, and how the connection is protected.
public struct KafkaSecurity: Hashable, Sendable {
  public enum Transport: String, Hashable, Sendable, CaseIterable {
    case plaintext, tls
  }

  public enum Login: Hashable, Sendable {
    case none
    /// The password crosses the connection as it is.
    case plain(user: String, password: Secret)
    case scram(ScramHash, user: String, password: Secret)
    /// A token from an OpenID Connect endpoint.
    case oauth(clientID: String, clientSecret: Secret, tokenEndpoint: String, scope: String?)
  }

  public enum ScramHash: String, Hashable, Sendable, CaseIterable {
    case sha256 = "SCRAM-SHA-256"
    case sha512 = "SCRAM-SHA-512"
  }

  /// The client's own certificate.
  public struct Certificate: Hashable, Sendable {
    public var path: String
    public var keyPath: String
    public var keyPassword: Secret?

    public init(path: String, keyPath: String, keyPassword: Secret? = nil) {
      self.path = path
      self.keyPath = keyPath
      self.keyPassword = keyPassword
    }
  }

  public var transport: Transport
  public var login: Login
  /// Certificates of authorities to trust, a PEM file; `nil` for the system's.
  public var authorityPath: String?
  public var certificate: Certificate?
  /// Whether a broker's certificate must name the host it is reached by.
  public var verifiesHost = true
  /// Whether passwords and tokens may cross a connection that is not encrypted.
  public var allowsCleartextSecrets = false

  public init(transport: Transport = .plaintext, login: Login = .none) {
    self.transport = transport
    self.login = login
  }

  /// Says what is wrong with the combination.
  ///
  /// - Throws: ``KafkaError`` for a secret over a connection in the clear, or settings of TLS
  ///   without TLS.
  public func validate() throws(KafkaError) {
    let isClear = transport == .plaintext
    func refuse(_ what: String, _ remedy: String) -> KafkaError {
      KafkaError(.configuration, "security", what, remedy: remedy)
    }
    switch login {
    case .plain where isClear && !allowsCleartextSecrets:
      throw refuse(
        "PLAIN sends the password as it is over a connection that is not encrypted",
        "use protocol: sasl_ssl or a SCRAM mechanism, or force it with allow_cleartext: true")
    case .oauth where isClear && !allowsCleartextSecrets:
      throw refuse(
        "OAUTHBEARER sends the token as it is over a connection that is not encrypted",
        "use protocol: sasl_ssl, or force it with allow_cleartext: true")
    default: break
    }
    if isClear && (authorityPath != nil || certificate != nil || !verifiesHost) {
      throw refuse(
        "certificates are given, but the connection is not encrypted",
        "use protocol: ssl or sasl_ssl")
    }
  }

  /// The settings of librdkafka.
  var properties: [(String, String)] {
    var result: [(String, String)] = []
    let isEncrypted = transport == .tls
    result.append(
      (
        "security.protocol",
        login == .none
          ? (isEncrypted ? "ssl" : "plaintext") : isEncrypted ? "sasl_ssl" : "sasl_plaintext"
      ))
    if isEncrypted {
      result.append(("enable.ssl.certificate.verification", "true"))
      result.append(("ssl.endpoint.identification.algorithm", verifiesHost ? "https" : "none"))
    }
    if let authorityPath { result.append(("ssl.ca.location", authorityPath)) }
    if let certificate {
      result.append(("ssl.certificate.location", certificate.path))
      result.append(("ssl.key.location", certificate.keyPath))
      if let password = certificate.keyPassword {
        result.append(("ssl.key.password", password.text))
      }
    }
    return result + loginProperties
  }

  private var loginProperties: [(String, String)] {
    switch login {
    case .none: []
    case .plain(let user, let password):
      [
        ("sasl.mechanism", "PLAIN"), ("sasl.username", user), ("sasl.password", password.text),
      ]
    case .scram(let hash, let user, let password):
      [
        ("sasl.mechanism", hash.rawValue), ("sasl.username", user),
        ("sasl.password", password.text),
      ]
    case .oauth(let clientID, let clientSecret, let tokenEndpoint, let scope):
      [
        ("sasl.mechanism", "OAUTHBEARER"), ("sasl.oauthbearer.method", "oidc"),
        ("sasl.oauthbearer.client.id", clientID),
        ("sasl.oauthbearer.client.secret", clientSecret.text),
        ("sasl.oauthbearer.token.endpoint.url", tokenEndpoint),
      ] + (scope.map { [("sasl.oauthbearer.scope", $0)] } ?? [])
    }
  }

  /// Everything that no message may show.
  var secrets: [String] {
    var result = certificate?.keyPassword.map { [$0.text] } ?? []
    switch login {
    case .none: break
    case .plain(_, let password), .scram(_, _, let password): result.append(password.text)
    case .oauth(_, let clientSecret, _, _): result.append(clientSecret.text)
    }
    return result.filter { !$0.isEmpty }
  }
}
