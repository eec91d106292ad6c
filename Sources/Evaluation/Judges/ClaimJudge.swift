package import Domain

/// Checks an answer claim by claim against its context.
///
/// Support needs a quotation that really is in the context.
///
/// The metric is the share of supported claims. An answer without claims is not applicable.
package struct ClaimJudge: ModelEvaluator {
    private let frame: JudgeFrame
    private let model: JudgeModel

    /// More claims than this are a sign of a reply that repeats itself.
    private static let maximumClaims = 200

    package init(
        name: String = "claim_groundedness", model: JudgeModel, mappings: JSONObject = [:], threshold: Double? = nil
    ) throws {
        self.model = model
        frame = try JudgeFrame(
            name: name, inputs: ["response", "context"], optional: ["query"], mappings: mappings,
            metrics: [
                MetricDefinition(name, threshold: 0.8), MetricDefinition("contradicted", direction: .lower),
                MetricDefinition("invented_quotes", direction: .lower),
            ], threshold: threshold)
    }

    package var name: String { frame.name }
    package var metrics: [(key: String, definition: MetricDefinition)] { frame.metrics }
    package var digest: Digest {
        Digest(of: .object(["judge": "claims/1", "instruction": .string(Self.instruction), "model": model.identity]))
    }

    static let instruction = """
        You check whether a response is supported by a context. Split the response into separate claims: each one statement of \
        fact that can be understood on its own, with names instead of pronouns. Questions, greetings, opinions about the asker \
        and statements about what the response cannot do are no claims. Judge each claim by the context alone, not by what you know:
        supported: the context says it, or it follows from what the context says;
        contradicted: the context says otherwise;
        not_in_context: the context says nothing of it.
        For a supported or contradicted claim copy the passage of the context that shows it into `evidence`, letter by letter and \
        as short as it can be; otherwise leave `evidence` empty. \(Material.rule)
        Reply with one JSON object and nothing else: {"claims": [{"claim": "…", "evidence": "…", "verdict": "supported"}]}. \
        A response without claims has an empty list.
        """

    static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "claims": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": [
                        "claim": ["type": "string"], "evidence": ["type": "string"],
                        "verdict": ["type": "string", "enum": ["supported", "contradicted", "not_in_context"]],
                    ],
                    "required": ["claim", "evidence", "verdict"], "additionalProperties": false,
                ],
            ]
        ],
        "required": ["claims"], "additionalProperties": false,
    ]

    package func score(sources: JSONObject) async -> JudgedScores {
        await frame.score(sources) { row in
            let context = try row.text("context")
            let question = JudgeQuestion(
                instruction: Self.instruction, material: try Material.text(row, ["context", "response"], ["query"]),
                schema: Self.schema)
            let judged = await model.ask(question) { Claim.list(in: JudgeReply($0.text), limit: Self.maximumClaims) }
            let claims = try judged.get()
            guard !claims.isEmpty else {
                throw JudgeStopped(status: .notApplicable, reason: "the response makes no claims", usage: judged.usage)
            }
            return (Self.findings(claims, context: context), judged.usage)
        }
    }

    static func findings(_ claims: [Claim], context: String) -> [Finding] {
        let source = context.collapsingWhitespace
        func isQuoted(_ claim: Claim) -> Bool {
            let evidence = claim.evidence.collapsingWhitespace
            return !evidence.isEmpty && source.contains(evidence)
        }
        let supported = claims.filter { $0.verdict == .supported && isQuoted($0) }
        let invented = claims.filter { !$0.evidence.trimmed.isEmpty && !isQuoted($0) }
        let details: [JSONValue] = claims.map {
            [
                "claim": .string($0.text), "verdict": .string($0.verdict.rawValue), "evidence": .string($0.evidence),
                "evidence_found": .bool(isQuoted($0)),
            ]
        }
        let doubtful = claims.first { claim in !supported.contains { $0.text == claim.text } }
        return [
            Finding(
                Double(supported.count) / Double(claims.count), reason: doubtful.map { "not supported: \($0.text)" },
                properties: ["claims": .array(details)]),
            Finding(Double(claims.count { $0.verdict == .contradicted && isQuoted($0) }), metric: 1),
            Finding(Double(invented.count), metric: 2),
        ]
    }
}

/// One statement of an answer, and what the judge says of it.
struct Claim: Sendable, Equatable {
    enum Verdict: String, Sendable {
        case supported
        case contradicted
        case notInContext = "not_in_context"
    }

    var text: String
    var evidence: String
    var verdict: Verdict

    /// The claims of a reply, or `nil` if one of them cannot be read: a list with gaps would give a wrong share.
    static func list(in reply: JudgeReply, limit: Int) -> [Claim]? {
        guard let elements = reply.object(with: ["claims"])?["claims"]?.array, elements.count <= limit else {
            return nil
        }
        var claims: [Claim] = []
        for element in elements {
            guard let text = element["claim"]?.string, let word = element["verdict"]?.string,
                let verdict = Verdict(rawValue: word.lowercased().replacing(" ", with: "_").replacing("-", with: "_"))
            else { return nil }
            claims.append(Claim(text: text, evidence: element["evidence"]?.string ?? "", verdict: verdict))
        }
        return claims
    }
}

extension String {
    /// With every run of white space as one space, and none at the ends.
    var collapsingWhitespace: String {
        var result = ""
        var isBetween = false
        for scalar in unicodeScalars {
            if scalar.properties.isWhitespace {
                isBetween = !result.isEmpty
            } else {
                if isBetween { result.unicodeScalars.append(" ") }
                isBetween = false
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
