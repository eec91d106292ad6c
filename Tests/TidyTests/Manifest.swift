/// What the tests read out of Package.swift.
///
/// The manifest is written in few forms on purpose, so that it can be read
/// without running it: `let name = Target.Dependency.product(name: "X", …)`, `leaf("X")`, `module("X", uses: […])`.
struct Manifest {
    let text: String
    /// What each Swift target may import by its declaration: names of targets and products.
    let uses: [String: Set<String>]

    init(text: String) {
        self.text = text
        uses = Self.uses(in: text)
    }

    /// The names of the features it switches on.
    var upcomingFeatures: [String] { Self.quoted(after: ".enableUpcomingFeature(", in: text) }

    /// The libraries that are declared at its top, by the name they have there.
    private static func products(in text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(separator: "\n")
        where line.hasPrefix("let ") && line.contains("Target.Dependency.product(") {
            let words = line.split(separator: " ")
            if words.count > 1, let product = quoted(in: line).first { found[String(words[1])] = product }
        }
        return found
    }

    private static func uses(in text: String) -> [String: Set<String>] {
        let products = products(in: text)
        var found: [String: Set<String>] = [:]
        for name in text.components(between: "leaf(\"", and: "\"") { found[String(name)] = [] }
        for declaration in text.components(between: "module(", and: ")") {
            guard let name = quoted(in: declaration).first, !declaration.contains("_ name") else { continue }
            let list = String(declaration).components(between: "uses: [", and: "]").first ?? ""
            let words = list.split { $0 == "," || $0 == " " || $0 == "\n" }.map(String.init)
            found[name] = Set(words.map { word in products[word] ?? word.filter { $0 != "\"" } })
        }
        return found
    }

    private static func quoted(after call: String, in text: String) -> [String] {
        text.components(between: call + "\"", and: "\"").map(String.init)
    }

    private static func quoted(in text: some StringProtocol) -> [String] {
        String(text).components(between: "\"", and: "\"").map(String.init)
    }

    /// Names of features that the compiler would silently ignore.
    func unknownFeatures(known: Set<String>) -> [Violation] {
        upcomingFeatures.filter { !known.contains($0) }.map {
            Violation(
                place: "Package.swift",
                reason: "\($0) is not among the upcoming features of this compiler: a misspelt name is silently nothing"
            )
        }
    }

    /// Imports of a file that its target does not declare.
    ///
    /// They build by accident, as long as another target has them.
    func undeclared(in file: SourceFile) -> [Violation] {
        guard let declared = uses[file.target] else { return [] }
        return file.imports.compactMap { module, line in
            guard !declared.contains(module), !Layer.system.contains(module), module != file.target else { return nil }
            return Violation(
                place: "\(file.path):\(line)",
                reason: "\(file.target) imports \(module), which its line in Package.swift does not name")
        }
    }
}

extension String {
    /// The texts between each `open` and the next `close` after it.
    func components(between open: String, and close: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let start = rest.firstRange(of: open), let end = rest[start.upperBound...].firstRange(of: close) {
            found.append(rest[start.upperBound..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return found
    }
}
