/// How Azure's BLEU, GLEU and METEOR evaluators tokenise: ASCII text by sentences and words, other text by NIST rules.
enum AzureTokenizer {
    /// The tokens of a text.
    static func tokens(of text: ScalarText) -> TokenList {
        text.isASCII ? words(of: text) : NISTTokenizer.tokens(of: text)
    }

    /// `nltk.word_tokenize`: English sentences, and the words of each.
    static func words(of text: ScalarText) -> TokenList {
        var tokens = TokenList()
        for sentence in PunktSentenceSplitter.sentences(of: text.scalars) {
            NLTKWordTokenizer.append(text.scalars[sentence], to: &tokens)
        }
        return tokens
    }
}
