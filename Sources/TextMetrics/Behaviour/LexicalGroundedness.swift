/// How far the words of an answer are covered by its context, without any model.
///
/// Good at sending clear cases past a judge: on the development part of BEGIN, content-word precision separates
/// attributable from other answers well (see the test for the figure). It rewards copying, so a low value says «look
/// closer», not «wrong».
package struct LexicalGroundedness: Sendable, Equatable {
    /// Content words of the answer that the context has; 1 if the answer has no content word.
    package let contentWordPrecision: Double
    /// Pairs of neighbouring words that are neighbours in the context too.
    package let bigramSupport: Double
    /// Three words in a row that stand so in the context.
    package let trigramSupport: Double
    /// Numbers of the answer that the context does not have; 0 if the answer has no number.
    package let unseenNumberRate: Double

    /// Compares an answer with its context.
    package init(answer: String, context: String) {
        let answerScalars = PythonLowercase.lowercased(ScalarText(answer).scalars)
        let contextScalars = PythonLowercase.lowercased(ScalarText(context).scalars)
        let pair = TokenizedPair(
            prediction: Self.words(of: answerScalars), references: [Self.words(of: contextScalars)])
        let known = Set(pair.references[0])
        let content = pair.prediction.filter { !FunctionWords.contains(pair.vocabulary.token($0)) }
        contentWordPrecision = Self.share(content.count { known.contains($0) }, of: content.count, otherwise: 1)
        bigramSupport = Self.support(pair.prediction, pair.references[0], n: 2)
        trigramSupport = Self.support(pair.prediction, pair.references[0], n: 3)
        let numbers = Numbers.all(in: answerScalars[...])
        let knownNumbers = Set(Numbers.all(in: contextScalars[...]))
        unseenNumberRate = Self.share(numbers.count { !knownNumbers.contains($0) }, of: numbers.count, otherwise: 0)
    }

    private static func words(of text: [UInt32]) -> TokenList {
        var words = TokenList()
        for word in text.split(whereSeparator: { !PythonCharacter.isWord($0) }) { words.append(word) }
        return words
    }

    private static func support(_ answer: [Int32], _ context: [Int32], n: Int) -> Double {
        guard answer.count >= n else { return 1 }
        let known = Set(context.indices.dropLast(n - 1).map { Array(context[$0..<($0 + n)]) })
        let grams = answer.indices.dropLast(n - 1).map { Array(answer[$0..<($0 + n)]) }
        return share(grams.count { known.contains($0) }, of: grams.count, otherwise: 1)
    }

    private static func share(_ part: Int, of whole: Int, otherwise: Double) -> Double {
        whole == 0 ? otherwise : Double(part) / Double(whole)
    }
}

/// English words that carry grammar rather than content.
enum FunctionWords {
    static func contains(_ word: ArraySlice<UInt32>) -> Bool { words.knownID(of: word) != nil }

    private static let words: Vocabulary = {
        let list = """
            a about above after again all also am an and any are aren as at be because been before being below between
            both but by can could couldn d did didn do does doesn doing don down during each few for from further had
            hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its
            itself just ll m me might more most must my myself no nor not now of off on once only or other our ours
            ourselves out over own re s same shall she should shouldn so some such t than that the their theirs them
            themselves then there these they this those through to too under until up ve very was wasn we well were
            weren what when where which while who whom why will with won would wouldn yeah yes you your yours yourself
            yourselves oh know think like really
            """
        var tokens = TokenList()
        tokens.appendSplit(ScalarText(list).scalars)
        var words = Vocabulary()
        _ = words.ids(of: tokens)
        return words
    }()
}
