import FileIO

/// A library that is found when the program runs.
public struct RuntimeLibrary: Hashable, Sendable {
  /// For messages.
  public let name: String
  /// The environment variable that may hold its path.
  public let variable: String
  /// Where a wheel puts it below site-packages, as patterns.
  let wheelPatterns: [String]
  /// What the dynamic loader knows it by.
  let loaderNames: [String]
  /// How to install it.
  public let installation: String

  public static let onnxRuntime = RuntimeLibrary(
    name: "ONNX Runtime", variable: "LIMNO_ONNXRUNTIME",
    wheelPatterns: ["onnxruntime/capi/libonnxruntime.so*"],
    loaderNames: ["libonnxruntime.so.1", "libonnxruntime.so"],
    installation: "pip install onnxruntime")

  public static let tensorFlow = RuntimeLibrary(
    name: "TensorFlow", variable: "LIMNO_TENSORFLOW",
    wheelPatterns: ["tensorflow/libtensorflow_cc.so.2", "tensorflow_cpu/libtensorflow_cc.so.2"],
    loaderNames: ["libtensorflow.so.2", "libtensorflow_cc.so.2"],
    installation: "pip install tensorflow")
}

/// Where libraries are looked for: paths that were given, the environment, the site-packages of
/// Pythons, the dynamic loader; in this order.
public struct LibrarySearch: Sendable {
  /// Paths that were given, by the name of the library's variable.
  public var paths: [String: String]
  /// A Python whose site-packages come first.
  public var python: String?
  private let environment: [String: String]

  /// - Parameters:
  ///   - paths: Paths that were given, by the name of the library's variable.
  ///   - python: A Python whose site-packages come first.
  ///   - environment: The variables of the process.
  public init(
    paths: [String: String] = [:], python: String? = nil, environment: [String: String]
  ) {
    self.paths = paths
    self.python = python
    self.environment = environment
  }

  /// Where a library may be, most wanted first.
  ///
  /// - Throws: ``ModelRuntimeError`` when a path was given and there is no file.
  func candidates(for library: RuntimeLibrary) throws(ModelRuntimeError) -> [String] {
    for (path, giver) in [
      (paths[library.variable], "as it was given"),
      (environment[library.variable], "as \(library.variable) says"),
    ] {
      guard let path, !path.isEmpty else { continue }
      guard exists(path) else {
        throw ModelRuntimeError(
          "\(library.name) is not at \(path), \(giver); \(library.installation)")
      }
      return [path]
    }
    let files = siteDirectories.flatMap { directory in
      library.wheelPatterns.flatMap { pattern in
        // Of several versions, the newest.
        ((try? PathExpansion.files(matching: ["\(directory)/\(pattern)"])) ?? []).reversed()
      }
    }
    return files + library.loaderNames
  }

  /// The site-packages there are.
  var siteDirectories: [String] {
    var prefixes: [String] = []
    for python in [python, environment["LIMNO_PYTHON"]] {
      // PREFIX/bin/python
      if let python, let prefix = Self.parent(python).flatMap(Self.parent) {
        prefixes.append(prefix)
      }
    }
    for variable in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
      if let prefix = environment[variable] { prefixes.append(prefix) }
    }
    if let home = environment["HOME"] { prefixes.append(home + "/.local") }
    for path in (environment["PATH"] ?? "").split(separator: ":") where exists("\(path)/python3") {
      if let prefix = Self.parent(String(path)) { prefixes.append(prefix) }
    }
    prefixes += ["/usr/local", "/usr"]
    var known: Set<String> = []
    return prefixes.filter { $0 != "/" && known.insert($0).inserted }.flatMap(Self.siteDirectories)
  }

  /// `PREFIX/lib/python3*/{site,dist}-packages`.
  private static func siteDirectories(_ prefix: String) -> [String] {
    let library = prefix + "/lib"
    let pythons = ((try? FileSystem.names(in: library)) ?? []).filter { $0.hasPrefix("python3") }
    return pythons.reversed().flatMap { name in
      ["site-packages", "dist-packages"].map { "\(library)/\(name)/\($0)" }
    }.filter { ((try? FileSystem.kind(of: $0)) ?? nil) == .directory }
  }

  /// What is above `path`; `nil` for a bare name, which says nothing of where it is.
  private static func parent(_ path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func exists(_ path: String) -> Bool { ((try? FileSystem.kind(of: path)) ?? nil) != nil }

  /// For the message of a library that was not found.
  func places(for library: RuntimeLibrary) -> String {
    let sites = siteDirectories
    let searched = sites.isEmpty ? "no site-packages there are" : sites.joined(separator: ", ")
    return "looked for \(library.wheelPatterns.joined(separator: ", ")) in \(searched), and for "
      + "\(library.loaderNames.joined(separator: ", ")) by the dynamic loader"
  }
}
