import Domain

/// Several judges who vote.
///
/// Weights are never negative: a judge may be ignored, but not turned around, because a jury that learns to invert weak
/// judges falls apart on other material.
package struct Jury: Sendable, Equatable {
    package let weights: [Double]

    /// Equal weights.
    package init(members: Int) throws { try self.init(weights: [Double](repeating: 1, count: members)) }

    /// Throws ``EvaluatorError`` for a negative weight, or if none is above 0.
    package init(weights: [Double]) throws {
        guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw EvaluatorError(.definition, "The weights of a jury must not be negative.")
        }
        guard weights.contains(where: { $0 > 0 }) else {
            throw EvaluatorError(.definition, "A jury needs at least one member with a weight above 0.")
        }
        self.weights = weights
    }

    /// The choice with the most weight, or `nil` if no member voted; equal weights make a tie.
    ///
    /// `votes` are in the order of the weights; `nil` is a member whose reply could not be read. A vote for a tie gives
    /// half its weight to each side.
    package func choice(_ votes: [PairwiseChoice?]) -> PairwiseChoice? {
        var (first, second, cast) = (0.0, 0.0, 0.0)
        for (vote, weight) in zip(votes, weights) {
            guard let vote else { continue }
            cast += weight
            switch vote {
            case .first: first += weight
            case .second: second += weight
            case .tie:
                first += weight / 2
                second += weight / 2
            }
        }
        guard cast > 0 else { return nil }
        // Weights are often fractions; a difference that only rounding made decides nothing.
        if abs(first - second) <= cast * 1e-12 { return .tie }
        return first > second ? .first : .second
    }

    /// The weighted mean of the scores that are there, or `nil` if there are none.
    package func score(_ scores: [Double?]) -> Double? {
        var (total, cast) = (0.0, 0.0)
        for (score, weight) in zip(scores, weights) {
            guard let score else { continue }
            total += score * weight
            cast += weight
        }
        return cast > 0 ? total / cast : nil
    }
}
