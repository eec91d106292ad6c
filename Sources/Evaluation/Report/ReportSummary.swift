package import Domain
package import Foundation

/// Everything in a report but its lines: what was compared, how it came out, and how sure that is.
package struct ReportSummary: Sendable {
    package var title: String
    package var created: Date
    package var pawangVersion: String
    package var verdict: Verdict
    package var experiment: Experiment
    package var variants: [Variant]
    package var metrics: [Metric]
    package var comparisons: [Comparison]
    /// `nil` where no gate was checked.
    package var gate: Gate?
    package var warnings: [String]
    /// What model-judged evaluators used, apart from the variants; `nil` where there were none.
    package var judge: Judge?

    package init(
        title: String, created: Date, pawangVersion: String, verdict: Verdict, experiment: Experiment,
        variants: [Variant], metrics: [Metric], comparisons: [Comparison] = [], gate: Gate? = nil,
        warnings: [String] = [], judge: Judge? = nil
    ) {
        self.title = title
        self.created = created
        self.pawangVersion = pawangVersion
        self.verdict = verdict
        self.experiment = experiment
        self.variants = variants
        self.metrics = metrics
        self.comparisons = comparisons
        self.gate = gate
        self.warnings = warnings
        self.judge = judge
    }

    /// The metric that the verdict is about: the one marked so, else the first.
    var primaryMetric: String? { (metrics.first { $0.isPrimary } ?? metrics.first)?.name }
}

extension ReportSummary {
    /// What the report says first.
    package struct Verdict: Sendable {
        /// How the best candidate stands to the baseline.
        package enum Status: String, Sendable {
            case better
            case worse
            case noDecision = "no_decision"
            /// There is one variant and so nothing to compare.
            case single
        }

        package var status: Status
        /// One sentence without a full stop, shown large.
        package var headline: String
        package var sentences: [String]

        package init(status: Status, headline: String, sentences: [String]) {
            self.status = status
            self.headline = headline
            self.sentences = sentences
        }
    }

    /// Where the numbers come from.
    package struct Experiment: Sendable {
        package var name: String
        package var digest: Digest
        package var seed: Int
        /// How often each line ran with each variant, from 1.
        package var repetitions: Int
        package var datasets: [Source]

        package init(name: String, digest: Digest, seed: Int, repetitions: Int, datasets: [Source]) {
            self.name = name
            self.digest = digest
            self.seed = seed
            self.repetitions = repetitions
            self.datasets = datasets
        }
    }

    /// A dataset of the experiment.
    package struct Source: Sendable {
        package var name: String
        package var digest: Digest
        package var lines: Int

        package init(name: String, digest: Digest, lines: Int) {
            self.name = name
            self.digest = digest
            self.lines = lines
        }
    }

    /// A metric and whether the verdict is about it.
    package struct Metric: Sendable {
        package var name: String
        package var direction: MetricDirection
        package var isPrimary: Bool
        /// For people, empty for plain numbers.
        package var unit: String

        package init(name: String, direction: MetricDirection, isPrimary: Bool, unit: String = "") {
            self.name = name
            self.direction = direction
            self.isPrimary = isPrimary
            self.unit = unit
        }
    }

    /// What the judges used.
    package struct Judge: Sendable {
        package var calls: Int
        package var usage: TokenUsage
        package var cost: Cost

        package init(calls: Int, usage: TokenUsage, cost: Cost) {
            self.calls = calls
            self.usage = usage
            self.cost = cost
        }
    }
}
