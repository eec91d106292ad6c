import Domain

@testable import Gateway

extension ConfigurationReading {
    static let connections = [
        ConnectionFact(name: "openai", type: .openAI, model: "gpt-5-mini"),
        ConnectionFact(name: "azure", type: .azureOpenAI), ConnectionFact(name: "claude", type: .anthropic),
        ConnectionFact(name: "broken", type: nil, problem: "no key"),
        ConnectionFact(name: "tools", type: .custom), ConnectionFact(name: "tape", type: .replay),
    ]

    /// The reading of a file's text.
    init(
        yaml: String, connections: [ConnectionFact] = connections, environment: [String: String] = [:]
    ) throws {
        let map = try YAMLReader.read(text: yaml, file: "pawang.yaml").map("file")
        self.init(
            GatewaySections(gateway: map["gateway"], models: map["models"], budgets: map["budgets"]), root: "/w",
            connections: connections, overrides: SettingOverrides(environment: environment))
    }

    var messages: [String] { problems.map(\.message) }
}
