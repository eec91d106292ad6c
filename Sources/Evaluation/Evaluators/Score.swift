package import Domain

/// What one metric says about one line.
package struct Score: Sendable, Equatable {
    /// Whether there is a value, and if not, why.
    package enum Status: String, Sendable {
        case scored
        /// The line should have been scored, but could not be. Counted, never part of a mean.
        case error
        /// The metric says nothing about this line, for example groundedness of an answer without claims.
        case notApplicable = "not_applicable"
    }

    /// The metric's key, unique within an evaluator set.
    package var metric: String
    package var status: Status
    /// The value; truth values are 1 and 0.
    ///
    /// `nil` unless the status is ``Status/scored``; never NaN.
    package var value: Double?
    /// Whether the value is a truth value.
    package var isFlag: Bool
    /// Whether the value meets the threshold, where there is one.
    package var passed: Bool?
    package var threshold: Double?
    /// Why: the judge's reason, the first difference, or why there is no value.
    package var reason: String?
    /// Further facts: parts of a score, evidence.
    package var properties: JSONObject

    package init(
        metric: String, status: Status, value: Double? = nil, isFlag: Bool = false, passed: Bool? = nil,
        threshold: Double? = nil, reason: String? = nil, properties: JSONObject = [:]
    ) {
        self.metric = metric
        self.status = status
        self.value = value
        self.isFlag = isFlag
        self.passed = passed
        self.threshold = threshold
        self.reason = reason
        self.properties = properties
    }

    /// The value as JSON: a truth value for flags, `null` where there is none.
    package var json: JSONValue {
        guard let value else { return .null }
        return isFlag ? .bool(value != 0) : .double(value)
    }

    /// The columns that Azure's evaluators give for a metric `X`: `X`, `X_score`, `X_passed`, `X_result`, `X_reason`,
    /// `X_status`, `X_threshold`, `X_properties`.
    package var columns: JSONObject {
        let status =
            switch status {
            case .scored: "completed"
            case .error: "error"
            case .notApplicable: "skipped"
            }
        return [
            metric: json, "\(metric)_score": json, "\(metric)_passed": passed.map { .bool($0) } ?? .null,
            "\(metric)_result": passed.map { $0 ? "pass" : "fail" } ?? .null,
            "\(metric)_reason": reason.map { .string($0) } ?? .null, "\(metric)_status": .string(status),
            "\(metric)_threshold": threshold.map { .double($0) } ?? .null,
            "\(metric)_properties": properties.isEmpty ? .null : .object(properties),
        ]
    }
}

/// Which values of a metric are good.
package enum MetricDirection: String, Sendable {
    case higher
    case lower
}

/// A metric that an evaluator gives for each line.
package struct MetricDefinition: Sendable, Equatable {
    package let name: String
    package let direction: MetricDirection
    /// Whether its values are truth values.
    package let isFlag: Bool
    /// A line passes from here (or down to here, where lower is better); `nil` where nothing says what is good enough.
    package let threshold: Double?
    /// The unit for people: `ms`, `USD`, `tokens`; empty for plain numbers.
    package let unit: String

    package init(
        _ name: String, direction: MetricDirection = .higher, isFlag: Bool = false, threshold: Double? = nil,
        unit: String = ""
    ) {
        self.name = name
        self.direction = direction
        self.isFlag = isFlag
        self.threshold = isFlag ? threshold ?? 1 : threshold
        self.unit = unit
    }
}

/// A value that an evaluator found for one of its metrics, before the set gives it a key and a threshold.
struct Finding {
    var metric: Int
    var value: Double
    var reason: String?
    var properties: JSONObject

    init(_ value: Double, metric: Int = 0, reason: String? = nil, properties: JSONObject = [:]) {
        self.metric = metric
        self.value = value
        self.reason = reason
        self.properties = properties
    }

    init(_ flag: Bool, metric: Int = 0, reason: String? = nil) {
        self.init(flag ? 1 : 0, metric: metric, reason: reason)
    }
}

/// Why a line has no value.
///
/// Scorers throw it.
struct NotScored: Error {
    var status: Score.Status
    var reason: String

    static func error(_ reason: String) -> NotScored { NotScored(status: .error, reason: reason) }
    static func notApplicable(_ reason: String) -> NotScored { NotScored(status: .notApplicable, reason: reason) }
}
