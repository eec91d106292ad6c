import Domain
import Gateway

/// One run of a flow for a caller: what to run, on whose account, in which trace.
struct FlowOrder: Sendable {
    var flow: any ServableFlow
    /// The name it is served by.
    var name: String
    var inputs: JSONObject
    var key: KeyRecord
    var attribution: Attribution
    var call: String
    var trace: String
    var span: String
    var parentSpan: String?
    /// Nanoseconds since 1970.
    var start: Int
    var isStream: Bool

    /// The public name that keys, budgets and metrics know it by.
    var model: String { FlowName.model(of: name) }
}

/// What came of a ``FlowOrder``.
struct FlowResult: Sendable {
    var line: LineRecord
    /// What it cost in nano-dollars; the upper bound where a model call broke off.
    var costNanoUSD: Int
}

/// The names that flows are served by.
enum FlowName {
    static let prefix = "flow/"

    /// The public model of a flow.
    static func model(of flow: String) -> String { prefix + flow }
}
