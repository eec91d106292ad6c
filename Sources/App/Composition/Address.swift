import Gateway

/// Where an upstream is: `https://host:port/path` taken apart.
struct Address: Sendable, Equatable {
    let origin: Origin
    /// Without a slash at its end; empty for the root.
    let path: String

    /// The address of a text, or `nil` if it is none, or has a user, a query or a fragment.
    init?(_ text: String) {
        let beginning = text.prefix(8).lowercased()
        let isTLS = beginning.hasPrefix("https://")
        guard isTLS || beginning.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isTLS ? 8 : 7)
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !rest.contains(where: { "?#@\\\"<>".contains($0) })
        else { return nil }
        let authority = rest.prefix { $0 != "/" }
        guard let (host, port) = Self.parts(of: authority, defaultPort: isTLS ? 443 : 80) else { return nil }
        var path = String(rest.dropFirst(authority.count))
        while path.hasSuffix("/") { path.removeLast() }
        origin = Origin(host: host, port: port, isTLS: isTLS)
        self.path = path
    }

    /// Host and port of `host`, `host:port`, `[::1]` or `[::1]:port`.
    private static func parts(of authority: Substring, defaultPort: Int) -> (host: String, port: Int)? {
        var host = authority
        var tail: Substring = ""
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<end].dropFirst()
            tail = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            tail = authority[colon...]
        }
        guard !host.isEmpty else { return nil }
        guard !tail.isEmpty else { return (String(host), defaultPort) }
        guard tail.hasPrefix(":"), let port = UInt16(tail.dropFirst()), port > 0 else { return nil }
        return (String(host), Int(port))
    }
}
