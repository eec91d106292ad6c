import Foundation
import Yams

/// Reads YAML 1.2 as prompt flow does: only `true` and `false` are truth values; `yes`, `on` and dates stay texts.
package enum YAMLReader {
    /// A document with more values than this, aliases expanded, is refused.
    private static let maximumNodes = 200_000
    private static let maximumDepth = 100
    private static let maximumBytes = 16 << 20

    /// Reads the file at `path`; `shownAs` is how messages call it.
    package static func read(path: String, shownAs name: String? = nil) throws(DocumentError) -> YAMLNode {
        try read(text: TextFile.read(path: path, shownAs: name, limit: maximumBytes), file: name ?? path)
    }

    /// Reads a text; an empty one is null.
    package static func read(text: String, file: String) throws(DocumentError) -> YAMLNode {
        guard !AliasBomb.isPossible(in: text) else {
            throw DocumentError(
                "has collections as keys beside \(AliasBomb.harmlessAliases) aliases or more, which can take for ever to read",
                at: SourceLocation(file: file, line: 1, column: 1))
        }
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw syntax(error, file: file)
        } catch {
            throw DocumentError("is not YAML: \(error)", at: SourceLocation(file: file, line: 1, column: 1))
        }
        let start = SourceLocation(file: file, line: 1, column: 1)
        guard let root else { return YAMLNode(.scalar(.null), at: start) }
        var budget = maximumNodes
        return try convert(root, file: file, near: start, depth: 0, budget: &budget)
    }

    private static func syntax(_ error: YamlError, file: String) -> DocumentError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            DocumentError(
                "is not YAML: \(problem)", at: SourceLocation(file: file, line: mark.line, column: mark.column))
        case .duplicatedKeysInMapping(let keys, let context):
            DocumentError(
                "has the key \(keys.map { "`\($0)`" }.joined(separator: ", ")) twice",
                at: SourceLocation(file: file, line: context.mark.line, column: context.mark.column))
        case .reader(let problem, _, _, _):
            // The parser's own description repeats the text, with whatever stands in it.
            DocumentError("is not YAML: \(problem)", at: SourceLocation(file: file, line: 1, column: 1))
        default:
            DocumentError("is not YAML: \(error)", at: SourceLocation(file: file, line: 1, column: 1))
        }
    }

    private static func convert(
        _ node: Node, file: String, near: SourceLocation, depth: Int, budget: inout Int
    ) throws(DocumentError) -> YAMLNode {
        let location = node.mark.map { SourceLocation(file: file, line: $0.line, column: $0.column) } ?? near
        budget -= 1
        guard budget >= 0 else { throw DocumentError("has more than \(maximumNodes) values", at: location) }
        guard depth <= maximumDepth else {
            throw DocumentError("is nested deeper than \(maximumDepth) levels", at: location)
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(.scalar(YAMLScalar.value(of: scalar)), at: location)
        case .sequence(let sequence):
            var elements: [YAMLNode] = []
            for element in sequence {
                elements.append(try convert(element, file: file, near: location, depth: depth + 1, budget: &budget))
            }
            return YAMLNode(.list(elements), at: location)
        case .mapping(let mapping):
            var entries: [YAMLMap.Entry] = []
            var merged: [YAMLMap.Entry] = []
            for (keyNode, valueNode) in mapping {
                let place =
                    keyNode.mark.map { SourceLocation(file: file, line: $0.line, column: $0.column) } ?? location
                guard case .scalar(let key) = keyNode else {
                    throw DocumentError("has a key that is no text", at: place)
                }
                let value = try convert(valueNode, file: file, near: place, depth: depth + 1, budget: &budget)
                if key.string == "<<", key.style == .plain, let bases = Self.bases(value) {
                    for entry in bases.flatMap(\.entries) where !merged.contains(where: { $0.key == entry.key }) {
                        merged.append(entry)
                    }
                } else {
                    entries.append(YAMLMap.Entry(key: key.string, location: place, value: value))
                }
            }
            entries += merged.filter { extra in !entries.contains { $0.key == extra.key } }
            return YAMLNode(.map(YAMLMap(entries, at: location)), at: location)
        case .alias:
            throw DocumentError("has an alias without an anchor", at: location)
        }
    }

    /// The maps that a merge key takes over: one, or a list of which the first counts most; `nil` for anything else.
    private static func bases(_ value: YAMLNode) -> [YAMLMap]? {
        switch value.content {
        case .map(let map): return [map]
        case .list(let elements):
            let maps = elements.compactMap { if case .map(let map) = $0.content { map } else { nil } }
            return maps.count == elements.count ? maps : nil
        case .scalar: return nil
        }
    }
}

/// The YAML 1.2 core schema for scalars.
enum YAMLScalar {
    /// `!!str` makes a text of anything.
    private static let stringTag = "tag:yaml.org,2002:str"

    static func value(of scalar: Node.Scalar) -> JSONValue {
        let text = scalar.string
        guard scalar.style == .plain || scalar.style == .any, scalar.tag.description != stringTag else {
            return .string(text)
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first, first < 0x3A else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard digits.first != "-", digits.first != "+" else { return nil }
            if let value = Int(digits, radix: radix) { return .int(value) }
        }
        if let value = Int(text) { return .int(value) }
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), text.utf8.contains(where: { $0 >= 0x30 })
        else {
            return nil
        }
        return Double(text).map { .double($0) }
    }
}

/// Reads whole text files with a bound and clear errors.
package enum TextFile {
    /// The text of a UTF-8 file.
    ///
    /// Throws ``DocumentError`` if it is missing, no file, too large or no UTF-8.
    package static func read(path: String, shownAs name: String? = nil, limit: Int = 64 << 20) throws(DocumentError)
        -> String
    {
        let shown = name ?? path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw DocumentError("`\(shown)` does not exist", at: nil)
        }
        guard !isDirectory.boolValue else { throw DocumentError("`\(shown)` is a folder, not a file", at: nil) }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: limit + 1) ?? Data()
        else {
            throw DocumentError("`\(shown)` cannot be read; check its permissions", at: nil)
        }
        guard data.count <= limit else { throw DocumentError("`\(shown)` is larger than \(limit >> 20) MiB", at: nil) }
        let bytes = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DocumentError("`\(shown)` is not UTF-8 text; save it as UTF-8", at: nil)
        }
        return text
    }
}
