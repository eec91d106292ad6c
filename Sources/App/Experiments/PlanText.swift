import Domain
import Evaluation
import Foundation

/// What an experiment is about to do, before it does it.
enum PlanText {
    static func describe(_ plan: ExperimentPlan, application: Application) throws -> String {
        let datasets = plan.datasets.map { "\($0.declaration.name) (\($0.lines) lines)" }.joined(separator: ", ")
        var lines = [
            "\(plan.experiment.name): \(counted(plan.variants.count, "variant")) (\(plan.variants.map(\.variant.id).joined(separator: ", "))) × \(datasets)"
                + (plan.experiment.repetitions > 1 ? " × \(plan.experiment.repetitions) repetitions" : ""),
            "  \(counted(plan.lineCount, "line")), "
                + (plan.callCount == 0 ? "no model calls" : "\(counted(plan.callCount, "model call")) at most"),
        ]
        if plan.callCount > 0 {
            lines.append("  estimated cost: \(try CostEstimate.make(plan, application: application).text)")
        }
        return lines.joined(separator: "\n")
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

/// A rough cost before anything is sent: prompt bytes over 4 for input tokens, `max_tokens` or 256 for output.
struct CostEstimate {
    var cost: Cost
    var inputTokens: Int
    var outputTokens: Int

    static func make(_ plan: ExperimentPlan, application: Application) throws -> CostEstimate {
        var estimate = CostEstimate(cost: .none, inputTokens: 0, outputTokens: 0)
        let now = Date().timeIntervalSince1970
        for variant in plan.variants {
            for dataset in plan.datasets {
                let sample = try dataset.dataset.head(min(20, dataset.lines))
                let bytes = sample.reduce(0) { $0 + JSONValue.object($1.values).bytes().count } / max(1, sample.count)
                for call in variant.flow.expectedCalls {
                    let count = dataset.lines * plan.experiment.repetitions
                    let usage = TokenUsage(
                        input: (call.promptBytes + bytes) / 4, output: call.maximumOutputTokens ?? 256)
                    estimate.inputTokens += usage.input * count
                    estimate.outputTokens += usage.output * count
                    switch call.connectionType {
                    case .local, .replay: break
                    default:
                        let one = application.prices.cost(
                            of: usage, provider: call.provider, model: call.model, at: now)
                        estimate.cost = estimate.cost + (one.nanoUSD.map { .known(nanoUSD: $0 * count) } ?? .unknown)
                    }
                }
            }
        }
        return estimate
    }

    var text: String {
        let tokens = "about \(inputTokens) + \(outputTokens) tokens"
        switch cost {
        case .unknown: return "unknown (\(tokens); a model has no known price)"
        case .known(let nano):
            return nano == 0
                ? "none (\(tokens); the answers are local or recorded)" : "\(CostText.describe(cost)) (\(tokens))"
        }
    }
}
