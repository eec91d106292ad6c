import Foundation

/// The mixture sequential probability ratio test (mSPRT) for a normal difference of two arms.
///
/// Λ_n = √(V/(V+nτ²))·exp(n²τ²Δ²/(2V(V+nτ²))), V = 2σ², p_n = min(p_{n−1}, 1/Λ_n). Source: Johari, Pekelis and Walsh,
/// "Always Valid Inference" (2015).
package struct MixtureSequentialTest: Sendable, Equatable {
    /// τ²: the variance of the differences one expects to see.
    package let mixingVariance: Double
    /// The smallest p-value so far; 1 before the first look.
    ///
    /// Only ever falls.
    package private(set) var pValue = 1.0

    /// Throws for a mixing variance that is not positive.
    package init(mixingVariance: Double) throws {
        guard mixingVariance > 0, mixingVariance.isFinite else {
            throw StatisticsError.outOfRange(parameter: "mixingVariance", value: mixingVariance)
        }
        self.mixingVariance = mixingVariance
    }

    /// Looks at the data: `count` values per arm, their mean difference, and the variance σ² of one value.
    package mutating func look(count: Int, difference: Double, variance: Double) throws {
        pValue = min(pValue, exp(-(try logLikelihoodRatio(count: count, difference: difference, variance: variance))))
    }

    /// log Λ_n.
    ///
    /// Throws for no values, a difference that is not finite, or a variance that is not positive.
    package func logLikelihoodRatio(count: Int, difference: Double, variance: Double) throws -> Double {
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
        guard difference.isFinite else { throw StatisticsError.outOfRange(parameter: "difference", value: difference) }
        guard variance > 0, variance.isFinite else {
            throw StatisticsError.outOfRange(parameter: "variance", value: variance)
        }
        let (n, v) = (Double(count), 2 * variance)
        let total = v + n * mixingVariance
        return 0.5 * log(v / total) + n * n * mixingVariance * difference * difference / (2 * v * total)
    }
}
