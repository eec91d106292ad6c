/// The mean of a costly label (a person's verdict), estimated from few labels and many predictions (a judge's).
///
/// θ̂ = λ·mean_N(f) + mean_n(y − λf), Var = λ²σ²_f/N + σ²_{y−λf}/n, normal interval. A biased judge is no harm: the
/// labelled part corrects it. Equals PyPI `ppi-python` `ppi_mean_ci`. Sources: Angelopoulos et al. (2023, arXiv
/// 2301.09633; power tuning 2311.01453).
package struct PredictionPoweredMean: Sendable, Equatable {
    /// How far the predictions are trusted: 1 fully, 0 not at all (then it is the mean of the labels).
    package let lambda: Double
    /// The estimated mean.
    package let estimate: Double
    /// Its standard error.
    package let standardError: Double

    /// Estimates the mean.
    ///
    /// `lambda` is tuned for the smallest variance when `nil`.
    ///
    /// `predictions` are aligned with `labels`; `unlabelled` are predictions for the items without a label. Throws for
    /// empty or misaligned lists and values that are not finite.
    package init(labels: [Double], predictions: [Double], unlabelled: [Double], lambda: Double? = nil) throws {
        try requireAligned(labels, predictions)
        try requireFinite(unlabelled)
        if let lambda, !lambda.isFinite { throw StatisticsError.outOfRange(parameter: "lambda", value: lambda) }
        let chosen = lambda ?? Self.tuned(labels, predictions, unlabelled)
        let rectifier = zip(labels, predictions).map { $0 - chosen * $1 }
        let imputed = unlabelled.map { $0 * chosen }
        self.lambda = chosen
        estimate = imputed.mean + rectifier.mean
        let imputedVariance = imputed.sumOfSquares(around: imputed.mean) / Double(imputed.count)
        let rectifierVariance = rectifier.sumOfSquares(around: rectifier.mean) / Double(rectifier.count)
        standardError =
            (imputedVariance / Double(imputed.count) + rectifierVariance / Double(rectifier.count)).squareRoot()
    }

    /// estimate ± z·SE.
    package func interval(confidence: Double = 0.95) throws -> ConfidenceInterval {
        let reach = try Proportion.critical(confidence) * standardError
        return ConfidenceInterval(lower: estimate - reach, upper: estimate + reach)
    }

    /// λ = Cov_n(y, f) / ((1 + n/N)·Var_{n+N}(f)), clipped to [0, 1]; 0 when the predictions do not vary.
    private static func tuned(_ labels: [Double], _ predictions: [Double], _ unlabelled: [Double]) -> Double {
        let (labelMean, predictionMean) = (labels.mean, predictions.mean)
        var covariance = 0.0
        for (label, prediction) in zip(labels, predictions) {
            covariance += (label - labelMean) * (prediction - predictionMean)
        }
        covariance /= Double(labels.count)
        let ratio = Double(labels.count) / Double(unlabelled.count)
        guard let variance = (predictions + unlabelled).variance(), variance > 0 else { return 0 }
        return min(1, max(0, covariance / ((1 + ratio) * variance)))
    }
}
