import Domain

/// Every evaluator that needs no model, by family.
///
/// To add one, write its definition and list it here.
package enum EvaluatorCatalogue {
    package static let all: [EvaluatorDefinition] =
        OverlapEvaluators.all + SimilarityEvaluators.all + TextCheckEvaluators.all + JSONEvaluators.all
        + NumberEvaluators.all + ToolCallEvaluators.all + RetrievalEvaluators.all + ResourceEvaluators.all
        + BehaviourEvaluators.all + ClassificationEvaluators.all

    private static let byName: [String: EvaluatorDefinition] = {
        var index: [String: EvaluatorDefinition] = [:]
        for definition in all {
            for name in [definition.name] + definition.aliases where index[name] == nil { index[name] = definition }
        }
        return index
    }()

    /// The evaluator with this name or alias; `-` and `_` are the same.
    ///
    /// Throws with the nearest known name.
    package static func find(_ name: String) throws(EvaluatorError) -> EvaluatorDefinition {
        if let definition = byName[name] ?? byName[normalized(name)] { return definition }
        let names = all.map(\.name) + all.flatMap(\.aliases)
        throw EvaluatorError(
            .unknown, "There is no evaluator `\(name)`\(NearestName.hint(for: normalized(name), among: names))")
    }

    private static func normalized(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self).lowercased()
    }
}
