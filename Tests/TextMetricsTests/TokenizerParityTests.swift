import Testing

@testable import TextMetrics

@Suite("Tokenizers equal their reference packages")
struct TokenizerParityTests {
    @Test("Tokens for Azure's metrics equal NLTK's: word_tokenize for ASCII, NIST rules otherwise")
    func azureTokens() throws {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            differences.compare(AzureTokenizer.tokens(of: ScalarText(row.prediction)).strings, row.tokens, row)
        }
        print("Azure tokens: \(differences.compared) texts compared")
        #expect(differences.count == 0, "\(differences)")
    }

    @Test("Words equal NLTK's word_tokenize for every script, with Punkt's sentences")
    func words() throws {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            differences.compare(AzureTokenizer.words(of: ScalarText(row.prediction)).strings, row.words, row)
        }
        print("NLTK words: \(differences.compared) texts compared")
        #expect(differences.count == 0, "\(differences)")
    }

    @Test("Stems equal NLTK's Porter stemmer")
    func stems() throws {
        let pairs = try #require(try ReferenceProcess.output("stems", as: [[String]].self).first)
        let wrong = pairs.filter { ScalarText.string(PorterStemmer.stem(ScalarText($0[0]).scalars[...])) != $0[1] }
        print("Porter: \(pairs.count) words compared")
        #expect(pairs.count > 10_000)
        #expect(wrong.isEmpty, "\(wrong.count) differ: \(wrong.prefix(5))")
    }

    @Test("An abbreviation does not end a sentence, a closing quote stays with its sentence")
    func sentences() {
        let text = ScalarText("Mr. Smith left (he said so.) \"Fine.\" Then J. Bach came at 3 p.m. yesterday.").scalars
        let sentences = PunktSentenceSplitter.sentences(of: text).map { ScalarText.string(text[$0]) }
        #expect(
            sentences == [
                "Mr. Smith left (he said so.)", "\"Fine.\"", "Then J. Bach came at 3 p.m. yesterday.",
            ])
    }
}
