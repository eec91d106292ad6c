import Domain
import Foundation

/// `http`: one request to a host that the flow allows; answers with status, headers and body.
struct HTTPNode: AwaitedNode {
    private static let maximumBody = 16 << 20

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        let url = try inputs.text("url", of: .http)
        guard let parts = URLComponents(string: url), let host = parts.host,
            parts.scheme == "http" || parts.scheme == "https"
        else {
            throw FlowFailure("NodeInputValidationError", "`url` must be an http or https address")
        }
        let allowed = inputs["allow"]?.array?.compactMap(\.string) ?? []
        guard allowed.contains(where: { Self.allows($0, host: host, port: parts.port) }) else {
            throw FlowFailure(
                "HostNotAllowed",
                "the node `\(scope.nodeName)` may not reach `\(host)`; add it to the node's `allow` if it should")
        }
        let method = inputs["method"]?.string?.uppercased() ?? (inputs["body"] == nil ? "GET" : "POST")
        var headers = inputs["headers"]?.object?.map { ($0, $1.pythonText) } ?? []
        var body: [UInt8]?
        if let given = inputs["body"], !given.isNull {
            body = given.string.map { Array($0.utf8) } ?? given.bytes()
            if given.string == nil, !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
                headers.append(("content-type", "application/json"))
            }
        }
        let seconds = try inputs.integer("timeout", or: 30, in: 1...600)
        let answer = try await scope.context.services.fetcher.fetch(
            method: method, url: url, headers: headers, body: body, timeout: .seconds(seconds), limit: Self.maximumBody)
        let text = String(decoding: answer.body, as: UTF8.self)
        let isJSON = answer.headers.contains { $0.0.lowercased() == "content-type" && $0.1.contains("json") }
        return [
            "status": .int(answer.status),
            "headers": .object(JSONObject(answer.headers.map { ($0.0.lowercased(), .string($0.1)) })),
            "body": isJSON ? (try? JSONValue(parsing: text)) ?? .string(text) : .string(text),
        ]
    }

    /// `host`, `host:port` or `*.domain`.
    private static func allows(_ rule: String, host: String, port: Int?) -> Bool {
        let host = host.lowercased()
        let rule = rule.lowercased()
        if rule.hasPrefix("*.") { return host.hasSuffix(rule.dropFirst(1)) }
        return rule == host || port.map { rule == "\(host):\($0)" } ?? false
    }
}
