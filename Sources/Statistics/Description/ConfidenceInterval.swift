/// A range that covers the true value in a stated share of repetitions.
package struct ConfidenceInterval: Sendable, Equatable {
    /// The lower end.
    package var lower: Double
    /// The upper end.
    package var upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Whether `value` lies between the ends, which count as inside.
    package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

    /// Half the distance between the ends.
    package var halfWidth: Double { (upper - lower) / 2 }
}
