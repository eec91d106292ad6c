import Domain
import Evaluation
import Foundation

/// Makes reports whose content is known: the same arguments give the same report.
enum ReportSample {
    /// An answer that would run, load or close something if it were ever taken for HTML.
    static let hostile = """
        <img src=x onerror="window.owned = true"><script>window.owned = true</script></script><!-- **bold** & \u{2028}
        """

    /// The assets of the product, read from the repository.
    static func assets(file: String = #filePath) throws -> ReportAssets {
        let folder = try repository(of: file) + "/Sources/CAssets/report"
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
        return try ReportAssets(
            page: text("report.html"), style: text("report.css"), chart: text("vendor/chart.min.js"),
            scripts: ReportAssets.scriptNames.map { try text("\($0).js") })
    }

    static func repository(of file: String = #filePath) throws -> String {
        var folder = URL(fileURLWithPath: file).resolvingSymlinksInPath()
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.path
    }

    /// A page with all markers and nothing else, for tests that read what was written.
    static func plainAssets() throws -> ReportAssets {
        try ReportAssets(
            page: "<meta {{script-hashes}} {{style-hashes}}><title>{{title}}</title><style>{{style}}</style>"
                + "<script id=summary>{{summary}}</script><script>{{chart}}</script><script>{{script}}</script>\n{{lines}}<end>",
            style: "body {}", chart: "chart()", scripts: ["one()", "two()"])
    }

    static func summary(lines: Int, variants: Int, title: String = "Prompts for question answering") -> ReportSummary {
        let labels = [
            "plain instruction", "three examples", "three examples, warm", "step by step", "larger model", "tiny model",
        ]
        let entries = (0..<variants).map { place -> ReportSummary.Variant in
            let mean = 0.4 + 0.05 * Double(place)
            return ReportSummary.Variant(
                id: "v\(place)", label: labels[place % labels.count], isBaseline: place == 0,
                settings: [
                    "prompt": .string(place == 0 ? "plain" : "examples"), "temperature": .double(0.1 * Double(place)),
                ],
                lines: lines, failed: place == 1 ? lines / 50 : 0,
                usage: TokenUsage(input: lines * 300, output: lines * (20 + place)),
                cost: place == 2 ? .unknown : .known(nanoUSD: lines * 40_000 * (place + 1)),
                latency: .init(
                    mean: 640 + 90 * Double(place), p50: 600 + 80 * Double(place), p95: 1200 + 150 * Double(place)),
                metrics: [
                    "f1": .init(mean: mean, low: mean - 0.03, high: mean + 0.03, count: lines, missing: 0, errors: 0),
                    "exact_match": .init(
                        mean: mean / 2, low: mean / 2 - 0.02, high: mean / 2 + 0.02, count: lines, missing: 0, errors: 1
                    ),
                ])
        }
        let comparisons = (1..<max(1, variants)).map { place in
            ReportSummary.Comparison(
                metric: "f1", variant: "v\(place)", baseline: "v0", difference: 0.05 * Double(place),
                low: 0.05 * Double(place) - 0.04, high: 0.05 * Double(place) + 0.04, p: 0.01, adjustedP: 0.02,
                test: "paired cluster bootstrap", count: lines, clusters: 17, minimumDetectableEffect: 0.057,
                decision: place == 0 ? .noDecision : .better, sentence: "It is better by f1, 95 % CI above 0.")
        }
        return ReportSummary(
            title: title, created: Date(timeIntervalSince1970: 1_795_378_449), pawangVersion: "0.1.0",
            verdict: .init(
                status: variants > 1 ? .better : .single,
                headline: "“three examples” is better than the baseline by 0.05 F1",
                sentences: ["95 % confidence interval of the difference: 0.01 to 0.09."]),
            experiment: .init(
                name: "sample", digest: Digest(of: "sample"), seed: 42, repetitions: 1,
                datasets: [.init(name: "questions", digest: Digest(of: "questions"), lines: lines)]),
            variants: entries,
            metrics: [
                .init(name: "f1", direction: .higher, isPrimary: true),
                .init(name: "exact_match", direction: .higher, isPrimary: false),
            ],
            comparisons: comparisons,
            gate: .init(
                passed: false,
                rows: [
                    .init(
                        metric: "f1", variant: "v0", rule: "at least 0.5", value: 0.4, passed: false,
                        reason: "0.4 is less.")
                ]),
            warnings: ["Lines share passages."],
            judge: .init(
                calls: lines, usage: TokenUsage(input: lines * 400, output: lines * 40),
                cost: .known(nanoUSD: lines * 50_000)))
    }

    static func line(_ number: Int, variants: Int, answerLength: Int = 0) -> ReportLine {
        ReportLine(
            dataset: "questions", line: number, cluster: "passage \(number % 17)",
            inputs: ["question": .string("Which of the \(number + 2) rivers <flows>\n into the sea?"), "limit": 3],
            expected: .string("river \(number)"), results: (0..<variants).map { result(number, $0, answerLength) })
    }

    private static func result(_ line: Int, _ variant: Int, _ answerLength: Int) -> ReportResult {
        if variant == 1, line % 50 == 49 {
            return ReportResult(
                status: .failed,
                error: LineError(
                    code: "RateLimited", message: "The provider answered 429 five times.", blame: .environment),
                latency: 3100, cost: .unknown, spans: spans(of: line))
        }
        let answer =
            line == 0 && variant == 0
            ? hostile : "The answer of variant \(variant) is river \(line * (variant + 1) % 97)."
        let value = Double((line * 7 + variant * 13) % 11) / 10
        return ReportResult(
            status: .completed, outputs: ["answer": .string(answer + String(repeating: "x", count: answerLength))],
            scores: [
                Score(metric: "f1", status: .scored, value: value),
                line % 40 == 0
                    ? Score(metric: "exact_match", status: .error, reason: "The reply held no score.")
                    : Score(
                        metric: "exact_match", status: .scored, value: value == 1 ? 1 : 0,
                        reason: "Compared after folding case."),
            ],
            latency: Double(400 + line * 31 % 900), usage: TokenUsage(input: 300, output: 20),
            cost: variant == 2 ? .unknown : .known(nanoUSD: 40_000 * (variant + 1)), spans: spans(of: line))
    }

    static func spans(of line: Int) -> [Span] {
        let trace = "0af7651916cd43dd8448eb211c80319c", begin = 1_795_378_449_000_000_000 + line
        return [
            Span(
                id: "1", parentID: nil, traceID: trace, name: "answer", kind: .flow, start: begin, duration: 600_000_000
            ),
            Span(
                id: "3", parentID: "2", traceID: trace, name: "chat small", kind: .model, start: begin + 3_000_000,
                duration: 590_000_000,
                attributes: [Vocabulary.inputTokens: 300, Vocabulary.outputTokens: 20, Vocabulary.cost: 40_000]),
            Span(
                id: "2", parentID: "1", traceID: trace, name: "ask", kind: .node, start: begin + 2_000_000,
                duration: 595_000_000),
        ]
    }
}
