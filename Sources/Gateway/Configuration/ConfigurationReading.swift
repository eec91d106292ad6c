package import Domain

/// What the reader knows of a connection.
package struct ConnectionFact: Sendable, Equatable {
    package var name: String
    package var type: ConnectionType?
    /// The model the connection names itself.
    package var model: String?
    /// Why it cannot be used: a value is missing, for instance.
    package var problem: String?

    package init(name: String, type: ConnectionType?, model: String? = nil, problem: String? = nil) {
        self.name = name
        self.type = type
        self.model = model
        self.problem = problem
    }
}

/// The parts of `pawang.yaml` that are the gateway's, not yet understood.
package struct GatewaySections: Sendable {
    package var gateway: YAMLNode?
    package var models: YAMLNode?
    package var budgets: YAMLNode?

    package init(gateway: YAMLNode? = nil, models: YAMLNode? = nil, budgets: YAMLNode? = nil) {
        self.gateway = gateway
        self.models = models
        self.budgets = budgets
    }
}

/// A configuration as it was read, with all that is wrong and where each value came from.
///
/// The configuration may be used only where `problems` is empty.
package struct ConfigurationReading: Sendable {
    package var configuration: GatewayConfiguration
    /// Everything that is wrong, by place.
    package var problems: [DocumentError]
    /// What is not wrong, but should be seen.
    package var warnings: [String]
    /// Every value in force.
    package var settings: [EffectiveSetting]

    /// Reads the sections; paths in them are relative to `root`.
    package init(
        _ sections: GatewaySections, root: String = "", connections: [ConnectionFact],
        overrides: SettingOverrides = SettingOverrides()
    ) {
        let log = ReadingLog()
        var configuration = GatewayConfiguration()
        configuration.server = ServerSettings(reading: sections.gateway, root: root, overrides: overrides, log: log)
        var warnings: [String] = []
        if let models = sections.models, !models.isNull {
            let reader = ModelsReader(connections: connections, log: log)
            configuration.models = reader.models(models)
        } else {
            configuration.models = ModelRoute.models(of: connections, log: log)
            warnings = connections.compactMap { fact in
                fact.problem.map { "connection `\(fact.name)` is no model, because it cannot be used: \($0)" }
            }
        }
        configuration.budgets = BudgetsReader(log: log).budgets(sections.budgets)
        self.configuration = configuration
        self.warnings = warnings
        settings = log.settings
        problems = log.problems.enumerated().sorted { left, right in
            let places = [left, right].map {
                ($0.element.location?.line ?? 0, $0.element.location?.column ?? 0, $0.offset)
            }
            return places[0] < places[1]
        }.map(\.element)
    }

    /// The configuration.
    ///
    /// Throws ``ConfigurationFailure`` with all problems if there are any.
    package func checked() throws(ConfigurationFailure) -> GatewayConfiguration {
        guard problems.isEmpty else { throw ConfigurationFailure(problems) }
        return configuration
    }

    /// Where a value stands in the file, for messages about it.
    package func location(of path: String) -> SourceLocation? {
        guard case .file(let location) = settings.first(where: { $0.path == path })?.origin else { return nil }
        return location
    }
}

/// Everything that is wrong with a configuration.
package struct ConfigurationFailure: Failure, Equatable {
    package let problems: [DocumentError]
    package var code: String { "ConfigurationInvalid" }
    package var blame: Blame { .request }

    package init(_ problems: [DocumentError]) { self.problems = problems }

    package var message: String {
        problems.count == 1
            ? problems[0].message
            : "\(problems.count) things are wrong:\n" + problems.map { "  \($0.message)" }.joined(separator: "\n")
    }
}

extension ConfigurationReading {
    /// Where a target is declared, for messages about it; `index` counts the model's targets from 0.
    package func location(ofTarget index: Int, in model: String) -> SourceLocation? {
        location(of: "models.\(model).targets.\(index).connection")
    }

    /// Notes what a target took from its connection.
    package mutating func note(_ target: Target, of declaration: TargetDeclaration, at index: Int, in model: String) {
        let number = { (value: Int) in String(value) }
        let filled = target.declaration
        let texts = [
            ("concurrency", declaration.concurrency == nil ? filled.concurrency.map(number) : nil),
            (
                "max_output_tokens",
                declaration.maximumOutputTokens == nil ? filled.maximumOutputTokens.map(number) : nil
            ),
            ("priced_as", declaration.pricedAs == nil ? filled.pricedAs : nil),
        ]
        for case (let key, let text?) in texts {
            let path = "models.\(model).targets.\(index).\(key)"
            let origin = EffectiveSetting.Origin.connection(target.accesses.first?.connection ?? "")
            let setting = EffectiveSetting(path: path, text: text, origin: origin)
            if let place = settings.firstIndex(where: { $0.path == path }) { settings[place] = setting }
        }
    }
}
