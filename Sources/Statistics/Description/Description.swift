/// Mean, spread and t interval of independent values.
package struct Description: Sendable, Equatable {
    /// How many values.
    package let count: Int
    /// The arithmetic mean.
    package let mean: Double
    /// The sample variance Σ(x−x̄)²/(n−1), or `nil` for one value.
    package let variance: Double?

    /// Describes the values.
    ///
    /// Throws for an empty list or a value that is not finite.
    package init(_ values: [Double]) throws {
        try requireFinite(values)
        count = values.count
        mean = values.mean
        variance = values.count > 1 ? values.sumOfSquares(around: mean) / Double(values.count - 1) : nil
    }

    /// The sample standard deviation, or `nil` for one value.
    package var standardDeviation: Double? { variance?.squareRoot() }

    /// The standard error of the mean, s/√n, or `nil` for one value.
    package var standardError: Double? { variance.map { ($0 / Double(count)).squareRoot() } }

    /// The t interval of the mean, x̄ ± t(n−1)·s/√n, or `nil` for one value.
    package func interval(confidence: Double = 0.95) throws -> ConfidenceInterval? {
        try requireOpenUnit(confidence, "confidence")
        return standardError.map {
            .student(mean, standardError: $0, degreesOfFreedom: count - 1, confidence: confidence)
        }
    }
}

extension ConfidenceInterval {
    /// The interval estimate ± t·SE.
    static func student(
        _ estimate: Double, standardError: Double, degreesOfFreedom: Int, confidence: Double
    ) -> ConfidenceInterval {
        let t = StudentT(degreesOfFreedom: Double(degreesOfFreedom)).quantile(0.5 + confidence / 2)
        return ConfidenceInterval(lower: estimate - t * standardError, upper: estimate + t * standardError)
    }
}

extension Array<Double> {
    /// The sum, with Neumaier's compensation, so that the order of a million scores does not show in the mean.
    package var sum: Double {
        var total = 0.0
        var lost = 0.0
        for value in self {
            let next = total + value
            lost += abs(total) >= abs(value) ? (total - next) + value : (value - next) + total
            total = next
        }
        return lost.isFinite ? total + lost : total
    }

    /// The arithmetic mean; NaN for an empty list.
    ///
    /// Equal values have exactly that mean, so that a list without variation has a variance of exactly 0.
    package var mean: Double {
        guard let first, allSatisfy({ $0 == first }) else { return sum / Double(count) }
        return first
    }

    /// Σ(x − centre)².
    func sumOfSquares(around centre: Double) -> Double {
        var total = 0.0
        for value in self { total += (value - centre) * (value - centre) }
        return total
    }

    /// The variance with `count − lost` as divisor (numpy's `ddof`), or `nil` when that is not positive.
    package func variance(lost: Int = 1) -> Double? {
        count > lost ? sumOfSquares(around: mean) / Double(count - lost) : nil
    }
}
