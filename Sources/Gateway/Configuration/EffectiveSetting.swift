package import Domain

/// One value that is in force, and where it came from.
package struct EffectiveSetting: Sendable, Equatable {
    package enum Origin: Sendable, Equatable {
        case file(SourceLocation)
        case environment(String)
        case flag(String)
        case `default`
        /// From a connection that became a model by itself.
        case connection(String)
    }

    /// `gateway.limits.body`, `models.fast.targets.0.weight`.
    package var path: String
    /// As it would be written.
    package var text: String
    package var origin: Origin

    package init(path: String, text: String, origin: Origin) {
        self.path = path
        self.text = text
        self.origin = origin
    }
}

extension EffectiveSetting.Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let location): "\(location.file):\(location.line)"
        case .environment(let name): "environment \(name)"
        case .flag(let name): "flag \(name)"
        case .default: "default"
        case .connection(let name): "connection \(name)"
        }
    }
}

/// What goes before the file: flags before the environment.
package struct SettingOverrides: Sendable, Equatable {
    /// What begins the variables of the `gateway` section: `PAWANG_GATEWAY_LIMITS_BODY` is `gateway.limits.body`.
    package static let prefix = "PAWANG_GATEWAY_"

    private var flags: [String: (text: String, flag: String)] = [:]
    private var variables: [String: String] = [:]

    package init(environment: [String: String] = [:]) {
        variables = environment.filter { $0.key.hasPrefix(Self.prefix) && !$0.value.isEmpty }
    }

    /// Sets a value of `gateway` by its path, such as `gateway.listen`, as the flag of this name says.
    package mutating func set(_ path: String, _ text: String, flag: String) { flags[path] = (text, flag) }

    /// The value of a path.
    func value(of path: String) -> (text: String, origin: EffectiveSetting.Origin)? {
        if let (text, flag) = flags[path] { return (text, .flag(flag)) }
        let name = Self.variable(of: path)
        return variables[name].map { ($0, .environment(name)) }
    }

    /// The variable of a path.
    package static func variable(of path: String) -> String {
        path.uppercased().replacing(".", with: "_").replacing("GATEWAY_", with: prefix, maxReplacements: 1)
    }

    /// Variables with the prefix, sorted.
    var variableNames: [String] { variables.keys.sorted() }

    package static func == (left: Self, right: Self) -> Bool {
        left.variables == right.variables && left.flags.count == right.flags.count
            && left.flags.allSatisfy {
                right.flags[$0.key].map { [$0.text, $0.flag] } == [$0.value.text, $0.value.flag]
            }
    }
}
