import Domain

/// `flow`: runs another flow on the node's inputs; its outputs are the node's output.
struct FlowNode: AwaitedNode {
    let flow: LoadedFlow

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        .object(try await flow.call(inputs, parent: scope.spanID, context: scope.context))
    }
}

/// `loop`: runs another flow up to `times` times, feeding its outputs back to inputs of the same name, until the
/// output named by `until` is true.
///
/// Its output is that of the last round, with `rounds`.
struct LoopNode: AwaitedNode {
    static let maximumRounds = 1_000
    let flow: LoadedFlow

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        let times = try inputs.integer("times", or: 10, in: 1...Self.maximumRounds)
        let until = inputs["until"]?.string
        var values = inputs
        for name in ["times", "until"] { values[name] = nil }
        let names = flow.plan.inputs.declared.map(\.name)
        var outputs = JSONObject()
        for round in 1...times {
            outputs = try await flow.call(values, parent: scope.spanID, context: scope.context)
            outputs["rounds"] = .int(round)
            if let until {
                guard let flag = outputs[until] else {
                    throw FlowFailure(
                        "NodeInputValidationError", "`until` names the output `\(until)`, which the flow does not have")
                }
                if flag == .bool(true) { break }
            }
            for (name, value) in outputs where names.contains(name) { values[name] = value }
        }
        return .object(outputs)
    }
}

/// `retrieve`: the best passages of a folder of documents for a query, by words, by meaning or by both.
struct RetrieveNode: AwaitedNode {
    static let modes = ["bm25", "embedding", "hybrid"]
    /// The constant of reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009).
    private static let fusionConstant = 60.0
    let directory: String
    let connection: Connection?

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        let query = try inputs.text("query", of: .retrieve)
        let named = try inputs.text("folder", of: .retrieve)
        let limit = try inputs.integer("top", or: 3, in: 1...100)
        let mode = inputs["mode"]?.string ?? "bm25"
        guard Self.modes.contains(mode) else {
            throw FlowFailure(
                "NodeInputValidationError",
                "`retrieve` has no mode `\(mode)`\(NearestName.hint(for: mode, among: Self.modes))")
        }
        let folder = named.hasPrefix("/") ? named : "\(directory)/\(named)"
        var span = Span(
            id: TraceIdentifier.span(), parentID: scope.spanID, traceID: scope.context.traceID,
            name: "retrieve \(named)",
            kind: .retrieval, start: SpanClock.now(), attributes: ["pawang.retrieval.query": .string(query)])
        let passages = try await search(query, folder: folder, mode: mode, limit: limit, inputs: inputs, scope: scope)
        span.duration = SpanClock.now() - span.start
        span.attributes["pawang.retrieval.documents"] = .array(passages.map { .string("\($0.document)#\($0.passage)") })
        scope.context.record(span)
        return .array(
            passages.map {
                [
                    "document": .string($0.document), "passage": .int($0.passage), "text": .string($0.text),
                    "score": .double($0.score),
                ]
            })
    }

    private func search(
        _ query: String, folder: String, mode: String, limit: Int, inputs: JSONObject, scope: NodeScope
    ) async throws -> [FoundPassage] {
        let documents = scope.context.services.documents
        guard mode != "bm25" else {
            let index = try await documents.prepare(folder: folder, embeddingModel: nil, embed: nil)
            return try await documents.search(words: query, in: index, limit: limit)
        }
        guard let connection else {
            throw FlowFailure(
                "NodeInputValidationError", "`retrieve` by \(mode) needs a `connection` to an embedding model")
        }
        let model = inputs["model"]?.string ?? connection.settings["model"] ?? connection.name
        let embed: @Sendable ([String]) async throws -> [[Float]] = {
            try await self.embed($0, model: model, connection: connection, scope: scope)
        }
        let index = try await documents.prepare(folder: folder, embeddingModel: model, embed: embed)
        guard let vector = try await embed([query]).first else { return [] }
        guard mode == "hybrid" else { return try await documents.search(vector: vector, in: index, limit: limit) }
        let depth = max(limit * 4, 20)
        let byWords = try await documents.search(words: query, in: index, limit: depth)
        let byMeaning = try await documents.search(vector: vector, in: index, limit: depth)
        return Self.fused([byWords, byMeaning], limit: limit)
    }

    /// Reciprocal-rank fusion: each list adds 1/(60 + rank).
    static func fused(_ lists: [[FoundPassage]], limit: Int) -> [FoundPassage] {
        var scores: [String: (passage: FoundPassage, score: Double, order: Int)] = [:]
        for list in lists {
            for (rank, passage) in list.enumerated() {
                let key = "\(passage.document)#\(passage.passage)"
                let score = 1 / (fusionConstant + Double(rank + 1))
                scores[key] = (passage, (scores[key]?.score ?? 0) + score, scores[key]?.order ?? scores.count)
            }
        }
        return scores.values.sorted { ($1.score, $0.order) < ($0.score, $1.order) }.prefix(limit).map { entry in
            var passage = entry.passage
            passage.score = entry.score
            return passage
        }
    }

    private func embed(_ texts: [String], model: String, connection: Connection, scope: NodeScope) async throws
        -> [[Float]]
    {
        var vectors: [[Float]] = []
        for start in stride(from: 0, to: texts.count, by: 32) {
            let batch = texts[start..<min(start + 32, texts.count)]
            let response = try await scope.context.services.models.send(
                ModelRequest(
                    operation: .embedding, connection: connection,
                    body: ["model": .string(model), "input": .array(batch.map { .string($0) })],
                    timeout: scope.context.services.limits.modelTimeout))
            scope.context.record(usage: response.usage, cost: response.cost)
            let data = response.body["data"]?.array ?? []
            guard data.count == batch.count else {
                throw FlowFailure(
                    "EmbeddingInvalid", "the embedding model answered \(data.count) vectors for \(batch.count) texts",
                    blame: .environment)
            }
            vectors += data.map { ($0["embedding"]?.array ?? []).map { Float($0.double ?? 0) } }
        }
        return vectors
    }
}
