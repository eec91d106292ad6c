package import Domain

extension ReportSummary {
    /// A variant with all that was measured of it.
    package struct Variant: Sendable {
        package var id: String
        /// What people call it; shown everywhere beside its letter.
        package var label: String
        package var isBaseline: Bool
        package var settings: JSONObject
        /// Lines that were to run, repetitions counted.
        package var lines: Int
        package var failed: Int
        package var usage: TokenUsage
        package var cost: Cost
        package var latency: Latency
        /// By metric name.
        package var metrics: [String: Estimate]

        package init(
            id: String, label: String, isBaseline: Bool, settings: JSONObject, lines: Int, failed: Int,
            usage: TokenUsage, cost: Cost, latency: Latency, metrics: [String: Estimate]
        ) {
            self.id = id
            self.label = label
            self.isBaseline = isBaseline
            self.settings = settings
            self.lines = lines
            self.failed = failed
            self.usage = usage
            self.cost = cost
            self.latency = latency
            self.metrics = metrics
        }
    }

    /// How long lines took, in milliseconds; `nil` where no line finished.
    package struct Latency: Sendable {
        package var mean: Double?
        package var p50: Double?
        package var p95: Double?

        package init(mean: Double?, p50: Double?, p95: Double?) {
            self.mean = mean
            self.p50 = p50
            self.p95 = p95
        }
    }

    /// A mean with its 95 % confidence interval.
    package struct Estimate: Sendable {
        package var mean: Double?
        package var low: Double?
        package var high: Double?
        /// Values that the mean is of.
        package var count: Int
        /// Lines without a value because they failed or the metric does not apply.
        package var missing: Int
        /// Lines that could not be scored.
        package var errors: Int

        package init(mean: Double?, low: Double?, high: Double?, count: Int, missing: Int, errors: Int) {
            self.mean = mean
            self.low = low
            self.high = high
            self.count = count
            self.missing = missing
            self.errors = errors
        }
    }
}
