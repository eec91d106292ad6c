import Foundation

/// METEOR as NLTK computes it, with its stages exact word and Porter stem.
///
/// The third stage of the original, synonyms from WordNet, is left out: it needs a 30 MB lexicon of English.
package enum Meteor {
    /// The weights; the defaults are those of NLTK and Azure.
    package struct Parameters: Sendable, Equatable {
        /// How much precision weighs against recall in the denominator.
        package var alpha = 0.9
        /// The power of the share of fragments.
        package var beta = 3.0
        /// The largest penalty for fragments.
        package var gamma = 0.5

        package init() {}
    }

    /// The score between 0 and 1; the best reference counts.
    package static func score(prediction: String, references: [String], parameters: Parameters = .init()) -> Double {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.meteor(parameters: parameters)
    }

    static func score(prediction: TokenList, references: [TokenList], parameters: Parameters) -> Double {
        let pair = TokenizedPair(prediction: lowercased(prediction), references: references.map(lowercased))
        var stems = StemTable(vocabulary: pair.vocabulary)
        return pair.references.map { reference in
            var alignment = Alignment(prediction: pair.prediction, reference: reference)
            alignment.match(size: pair.vocabulary.count) { $0 }
            let size = stems.stemAll(alignment.unmatched)
            alignment.match(size: size) { stems.stem[Int($0)] }
            return alignment.score(parameters)
        }.max() ?? 0
    }

    private static func lowercased(_ tokens: TokenList) -> TokenList {
        var result = TokenList()
        var lowered: [UInt32] = []
        for index in 0..<tokens.count {
            lowered.removeAll(keepingCapacity: true)
            PythonLowercase.append(tokens[index], to: &lowered)
            result.append(lowered)
        }
        return result
    }
}

/// The stems of the words that need one, each computed once, as numbers of the same vocabulary.
private struct StemTable {
    private var vocabulary: Vocabulary
    private(set) var stem: [Int32]

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        stem = [Int32](repeating: -1, count: vocabulary.count)
    }

    /// Stems the words and says how many numbers there are now.
    mutating func stemAll(_ words: some Sequence<Int32>) -> Int {
        for word in words where stem[Int(word)] < 0 {
            stem[Int(word)] = vocabulary.id(of: PorterStemmer.stem(vocabulary.token(word)))
        }
        return vocabulary.count
    }
}

/// Which word of the prediction goes with which word of the reference.
private struct Alignment {
    private let prediction: [Int32]
    private let reference: [Int32]
    /// For each word of the prediction, the position of its partner.
    private var partners: [Int32]
    private var isTaken: [Bool]

    init(prediction: [Int32], reference: [Int32]) {
        self.prediction = prediction
        self.reference = reference
        partners = [Int32](repeating: -1, count: prediction.count)
        isTaken = [Bool](repeating: false, count: reference.count)
    }

    var unmatched: [Int32] {
        prediction.indices.filter { partners[$0] < 0 }.map { prediction[$0] }
            + reference.indices.filter { !isTaken[$0] }.map { reference[$0] }
    }

    /// Pairs free words with equal keys: from the last word of the prediction on, each with the last free partner.
    mutating func match(size: Int, key: (Int32) -> Int32) {
        // Chains of free positions by key, the highest first.
        var heads = [Int32](repeating: -1, count: size)
        var following = [Int32](repeating: -1, count: reference.count)
        for position in reference.indices where !isTaken[position] {
            let key = Int(key(reference[position]))
            following[position] = heads[key]
            heads[key] = Int32(truncatingIfNeeded: position)
        }
        for position in prediction.indices.reversed() where partners[position] < 0 {
            let key = Int(key(prediction[position]))
            guard heads[key] >= 0 else { continue }
            let partner = heads[key]
            heads[key] = following[Int(partner)]
            partners[position] = partner
            isTaken[Int(partner)] = true
        }
    }

    func score(_ parameters: Meteor.Parameters) -> Double {
        let matched = partners.indices.filter { partners[$0] >= 0 }
        guard !matched.isEmpty else { return 0 }
        let precision = Double(matched.count) / Double(prediction.count)
        let recall = Double(matched.count) / Double(reference.count)
        let mean = (precision * recall) / (parameters.alpha * precision + (1 - parameters.alpha) * recall)
        let chunks =
            1
            + zip(matched, matched.dropFirst()).count { first, second in
                second != first + 1 || partners[second] != partners[first] + 1
            }
        return (1 - parameters.gamma * pow(Double(chunks) / Double(matched.count), parameters.beta)) * mean
    }
}
