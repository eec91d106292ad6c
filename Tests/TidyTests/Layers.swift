/// What a target is, which decides what it may import.
enum Layer: Sendable {
    case leaf, domain, slice, adapter, app, executable

    /// Each target of the package.
    ///
    /// A new one is added here, with its layer, before it can be built.
    static let ofTarget: [String: Layer] = [
        "CYYJSON": .leaf, "CAssets": .leaf, "CPostgreSQL": .leaf, "CZlib": .leaf, "Jinja": .leaf, "Statistics": .leaf,
        "TextMetrics": .leaf,
        "Domain": .domain,
        "Flows": .slice, "Evaluation": .slice, "Registry": .slice, "Gateway": .slice,
        "Providers": .adapter, "PythonWorkers": .adapter, "Stores": .adapter,
        "GatewayServer": .adapter,
        "App": .app, "pawang": .executable,
    ]

    /// What comes with the toolchain and may be used anywhere.
    static let system: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc", "Darwin", "Musl",
        "Synchronization", "RegexBuilder", "_StringProcessing",
    ]

    /// Packages that talk to the world: the network, the database.
    static func isOutsideWorld(_ module: String) -> Bool {
        module.hasPrefix("NIO") || module.hasPrefix("GRDB") || module.hasPrefix("AsyncHTTPClient")
            || module == "FoundationNetworking"
    }

    /// Why a target may not import a module, or `nil` where it may.
    static func objection(to module: String, in target: String) -> String? {
        guard let layer = ofTarget[target] else {
            return "\(target) has no layer: add it to Tests/TidyTests/Layers.swift"
        }
        let other = ofTarget[module]
        switch layer {
        case .app:
            return module == "pawang" ? "the executable is a stub that nobody imports" : nil
        case .executable:
            return other == .app || system.contains(module)
                ? nil : "the executable is a stub: it imports App and nothing else"
        case .leaf:
            return system.contains(module)
                ? nil : "a leaf library imports nothing of ours and no package, so that it can be used anywhere"
        case .domain:
            return system.contains(module) || module == "CYYJSON" || module == "Crypto" || module == "Yams"
                ? nil : "Domain is what all others share: it imports CYYJSON, Crypto and Yams only"
        case .slice, .adapter:
            return objection(to: module, other: other, layer: layer)
        }
    }

    private static func objection(to module: String, other: Layer?, layer: Layer) -> String? {
        switch (layer, other) {
        case (.slice, .slice):
            "slices never import each other: put a value into Domain, or a port into Domain/Ports"
        case (.slice, .adapter):
            "slices never import adapters: own a port, and let App hand in what fulfils it"
        case (.adapter, .adapter):
            "adapters never import each other: only App knows all of them"
        case (_, .app), (_, .executable):
            "only the executable imports App"
        case (.slice, nil) where isOutsideWorld(module):
            "slices know no network and no database: that is an adapter's work behind a port"
        default: nil
        }
    }
}

extension SourceFile {
    /// The modules it imports, with their lines.
    var imports: [(module: String, line: Int)] {
        codeLines.enumerated().compactMap { index, line in
            var words = line.split(separator: " ")[...]
            while let word = words.first, Self.beforeImport.contains(word) || word.hasPrefix("@") {
                words.removeFirst()
            }
            guard words.popFirst() == "import", var name = words.popFirst() else { return nil }
            if Self.kindsOfImport.contains(name), let symbol = words.popFirst() { name = symbol }
            return (String(name.prefix { $0 != "." && $0 != ";" }), index + 1)
        }
    }

    private static let beforeImport: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kindsOfImport: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "typealias", "var", "let",
    ]

    /// Imports that its layer forbids.
    var layerViolations: [Violation] {
        imports.compactMap { module, line in
            guard module != target, let reason = Layer.objection(to: module, in: target) else { return nil }
            return Violation(place: "\(path):\(line)", reason: "\(target) imports \(module); \(reason)")
        }
    }
}
