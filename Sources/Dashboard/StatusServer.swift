import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Answers requests for a run's status.
public final class StatusServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let server: HTTPServer
  private let endpoint: StatusEndpoint
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// - Parameters:
  ///   - endpoint: Where to listen.
  ///   - status: Gives the status; called from several threads.
  /// - Throws: ``Failure`` if the host is no IP address.
  public init(
    _ endpoint: StatusEndpoint, status: @escaping @Sendable () -> RunStatus
  ) throws(Failure) {
    self.endpoint = endpoint
    let token = endpoint.token
    let handler = ClosureHTTPHandler { request in
      guard request.method == .GET || request.method == .HEAD else {
        return HTTPResponse(statusCode: .methodNotAllowed)
      }
      let response = StatusResponse(
        request.path, authorization: request.headers[.authorization], token: token, status: status)
      var headers: HTTPHeaders = [.contentType: response.type, .cacheControl: "no-store"]
      if response.code == 401 { headers[HTTPHeader("WWW-Authenticate")] = "Bearer" }
      let body = request.method == .HEAD ? Data() : Data(response.body.utf8)
      return HTTPResponse(
        statusCode: Self.code(response.code), headers: headers, body: body)
    }
    do {
      if endpoint.isIPv6 {
        server = HTTPServer(
          address: try .inet6(ip6: endpoint.host, port: endpoint.port), logger: .disabled,
          handler: handler)
      } else {
        server = HTTPServer(
          address: try .inet(ip4: endpoint.host, port: endpoint.port), logger: .disabled,
          handler: handler)
      }
    } catch {
      throw Failure(description: "'\(endpoint.host)' is no IP address")
    }
  }

  private static func code(_ code: Int) -> HTTPStatusCode {
    switch code {
    case 200: .ok
    case 401: .unauthorized
    case 503: .serviceUnavailable
    default: .notFound
    }
  }

  /// Listens from here on.
  ///
  /// - Returns: The address, `http://HOST:PORT`.
  /// - Throws: ``Failure`` if nobody can listen there.
  public func start() throws(Failure) -> String {
    let outcome = Outcome()
    let server = server
    task.withLock {
      $0 = Task {
        do {
          try await server.run()
        } catch {
          outcome.set(.failure(Failure(description: "\(error.localizedDescription)")))
        }
      }
    }
    let waiting = Task {
      try? await server.waitUntilListening()
      outcome.set(await Self.port(of: server))
    }
    defer { waiting.cancel() }
    let host = endpoint.isIPv6 ? "[\(endpoint.host)]" : endpoint.host
    do throws(Failure) {
      return "http://\(host):\(try outcome.value())"
    } catch {
      throw Failure(description: "cannot listen on \(host):\(endpoint.port): \(error)")
    }
  }

  private static func port(of server: HTTPServer) async -> Result<UInt16, Failure> {
    switch await server.listeningAddress {
    case .ip4(_, let port)?, .ip6(_, let port)?: return .success(port)
    default: return .failure(Failure(description: "it does not listen"))
    }
  }

  /// Listens no more.
  public func stop() {
    let done = DispatchSemaphore(value: 0)
    let task = task.withLock { task in
      defer { task = nil }
      return task
    }
    guard let task else { return }
    let server = server
    let ending = Task {
      await server.stop()
      task.cancel()
      await task.value
      done.signal()
    }
    // A connection that hangs must not hold the process.
    if done.wait(timeout: .now() + 1) == .timedOut { ending.cancel() }
  }

  /// The first result of several, waited for by a thread.
  private final class Outcome: Sendable {
    private let result = Mutex<Result<UInt16, Failure>?>(nil)
    private let isKnown = DispatchSemaphore(value: 0)

    func set(_ new: Result<UInt16, Failure>) {
      result.withLock { if $0 == nil { $0 = new } }
      isKnown.signal()
    }

    func value() throws(Failure) -> UInt16 {
      isKnown.wait()
      return try result.withLock { $0 ?? .failure(Failure(description: "it does not listen")) }
        .get()
    }
  }
}
