/// CUPED: takes out of an outcome what was known before the experiment, so that less data shows the same difference.
///
/// y' = y − θ(x − x̄), θ = Cov(y, x)/Var(x). Source: Deng et al., "Improving the Sensitivity of Online Controlled
/// Experiments by Utilizing Pre-Experiment Data" (2013).
package struct ControlVariate: Sendable, Equatable {
    /// θ; 0 when the covariate does not vary.
    package let theta: Double
    /// The outcomes without what the covariate explains; their mean is unchanged.
    package let adjusted: [Double]

    /// Throws for fewer than two values, misaligned lists or values that are not finite.
    ///
    /// In an experiment, estimate over all arms together: a θ per arm would bias the comparison.
    package init(outcomes: [Double], covariate: [Double]) throws {
        try requireAligned(outcomes, covariate, atLeast: 2)
        let (outcomeMean, covariateMean) = (outcomes.mean, covariate.mean)
        let spread = covariate.sumOfSquares(around: covariateMean)
        var product = 0.0
        for (y, x) in zip(outcomes, covariate) { product += (y - outcomeMean) * (x - covariateMean) }
        let theta = spread > 0 ? product / spread : 0
        self.theta = theta
        adjusted = zip(outcomes, covariate).map { $0 - theta * ($1 - covariateMean) }
    }
}
