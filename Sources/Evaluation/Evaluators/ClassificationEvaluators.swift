import Domain
import Statistics

/// How well answers that are labels, or probabilities, agree with the truth.
enum ClassificationEvaluators {
    static let all: [EvaluatorDefinition] = [label, probability]

    static let label = EvaluatorDefinition(
        "classification", aliases: ["accuracy", "label_match"],
        summary:
            "Whether the label is right; for the set accuracy, macro and weighted F1, Matthews correlation and Cohen's κ.",
        parameters: [
            EvaluatorParameter("ignore_case", .flag, default: true, "case and white space around do not count")
        ],
        metrics: [MetricDefinition("accuracy", isFlag: true)],
        set: { LabelReport(ignoresCase: $0.flag("ignore_case")) }
    ) { settings in
        let ignoresCase = settings.flag("ignore_case")
        return { row in
            let predicted = normalized(try row.text("response"), ignoresCase)
            let truth = normalized(try row.text("ground_truth"), ignoresCase)
            return [
                Finding(
                    predicted == truth,
                    reason: predicted == truth ? nil : "`\(predicted.prefix(80))` instead of `\(truth)`")
            ]
        }
    }

    fileprivate static func normalized(_ text: String, _ ignoresCase: Bool) -> String {
        ignoresCase ? text.trimmed.lowercased() : text
    }

    static let probability = EvaluatorDefinition(
        "probability", aliases: ["brier", "calibration"],
        summary: "Squared error of a stated probability; for the set Brier score, calibration error, AUROC and AUPRC.",
        metrics: [MetricDefinition("squared_error", direction: .lower)], set: { _ in ProbabilityReport() }
    ) { _ in
        { row in
            let (score, outcome) = try pair(row)
            let difference = score - (outcome ? 1 : 0)
            return [Finding(difference * difference)]
        }
    }

    fileprivate static func pair(_ row: ScoringRow) throws -> (score: Double, outcome: Bool) {
        let score = try row.number("response")
        guard (0...1).contains(score) else { throw NotScored.error("`response` is not a probability from 0 to 1") }
        switch try row.value("ground_truth") {
        case .bool(let outcome): return (score, outcome)
        case .int(0), .double(0), .string("0"), .string("false"), .string("False"): return (score, false)
        case .int(1), .double(1), .string("1"), .string("true"), .string("True"): return (score, true)
        default: throw NotScored.error("`ground_truth` is neither true nor false")
        }
    }
}

private struct LabelReport: SetScorer {
    let ignoresCase: Bool
    private var truth: [String] = []
    private var predicted: [String] = []

    init(ignoresCase: Bool) { self.ignoresCase = ignoresCase }

    mutating func add(_ row: ScoringRow) {
        guard let answer = try? row.text("response"), let label = try? row.text("ground_truth") else { return }
        predicted.append(ClassificationEvaluators.normalized(answer, ignoresCase))
        truth.append(ClassificationEvaluators.normalized(label, ignoresCase))
    }

    func metrics() -> [(name: String, value: Double)] {
        // A model that answers in free text has too many labels for a confusion matrix: then only the lines' own metric stays.
        guard let report = try? ClassificationReport(truth: truth, predicted: predicted) else { return [] }
        let kappa = (try? Agreement.cohensKappa(truth, predicted)) ?? nil
        return [
            ("accuracy", report.accuracy), ("macro_precision", report.macro.precision),
            ("macro_recall", report.macro.recall),
            ("macro_f1", report.macro.f1), ("weighted_f1", report.weighted.f1), ("micro_f1", report.micro.f1),
            ("matthews_correlation", report.matthewsCorrelation),
        ] + (kappa.map { [("cohens_kappa", $0)] } ?? [])
    }
}

private struct ProbabilityReport: SetScorer {
    private var outcomes: [Bool] = []
    private var scores: [Double] = []

    mutating func add(_ row: ScoringRow) {
        guard let (score, outcome) = try? ClassificationEvaluators.pair(row) else { return }
        scores.append(score)
        outcomes.append(outcome)
    }

    func metrics() -> [(name: String, value: Double)] {
        guard let report = try? ProbabilityScores(outcomes: outcomes, scores: scores) else { return [] }
        var metrics = [("brier", report.brier)]
        if let error = try? report.expectedCalibrationError() { metrics.append(("calibration_error", error)) }
        if let area = report.areaUnderROC { metrics.append(("auroc", area)) }
        if let area = report.averagePrecision { metrics.append(("auprc", area)) }
        return metrics
    }
}
