import Gateway
import HTTPTypes
import Hummingbird

extension TraceParent {
    /// `nil` if the request has none or it is not valid.
    init?(_ request: Request) {
        guard let name = HTTPField.Name("traceparent"), let text = request.headers[name] else { return nil }
        self.init(text)
    }
}

extension Attribution {
    /// Who pays for a request on the ordinary router: the key's owners, or those the client names where the key lets it.
    init(_ key: KeyRecord, _ request: Request) {
        func named(_ header: String) -> String? {
            guard let name = HTTPField.Name(header), let value = request.headers[name], !value.isEmpty,
                value.utf8.count <= 256
            else { return nil }
            return value
        }
        func owner(_ kind: BudgetScope.Kind, _ header: String, or own: String?) -> String? {
            key.delegates.contains(kind) ? named(header) ?? own : own
        }
        self.init(
            key: key.id, team: owner(.team, "x-pawang-team", or: key.team),
            service: owner(.service, "x-pawang-service", or: key.service),
            useCase: owner(.useCase, "x-pawang-use-case", or: key.useCase), user: named("x-pawang-user"),
            session: named("x-pawang-session"))
    }
}
