/// How a dataset file is written.
package enum DatasetFormat: String, Sendable, CaseIterable {
    case jsonl
    case json
    case csv
    case tsv

    /// The format a file's name stands for; prompt flow reads whatever it does not know as JSON lines.
    package init(path: String) {
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path[...]
        let ending = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { name[name.utf8.index(after: $0)...].lowercased() }
        self = ending.flatMap(Self.init(rawValue:)) ?? .jsonl
    }
}
