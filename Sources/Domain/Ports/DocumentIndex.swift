/// A passage found for a query.
package struct FoundPassage: Sendable, Equatable {
    /// The document's path, relative to its folder.
    package var document: String
    /// The passage's number within the document, from 0.
    package var passage: Int
    package var text: String
    /// The rank's score: higher is better; its scale depends on the mode.
    package var score: Double

    package init(document: String, passage: Int, text: String, score: Double) {
        self.document = document
        self.passage = passage
        self.text = text
        self.score = score
    }
}

/// Keeps folders of documents split into passages, for search by words and by meaning.
package protocol DocumentIndex: Sendable {
    /// Brings the index of a folder up to date and returns its name for searches.
    /// `embed` gives vectors for passages that have none yet; `nil` indexes words only.
    func prepare(
        folder: String, embeddingModel: String?, embed: (@Sendable ([String]) async throws -> [[Float]])?
    ) async throws -> String
    /// The best passages by BM25.
    func search(words: String, in index: String, limit: Int) async throws -> [FoundPassage]
    /// The best passages by cosine similarity.
    func search(vector: [Float], in index: String, limit: Int) async throws -> [FoundPassage]
}

/// Fetches over HTTP for `http` nodes.
package protocol HTTPFetcher: Sendable {
    /// Sends one request; follows no redirects; throws ``ProviderFailure`` for anything but an answer.
    func fetch(
        method: String, url: String, headers: [(String, String)], body: [UInt8]?, timeout: Duration, limit: Int
    ) async throws(ProviderFailure) -> (status: Int, headers: [(String, String)], body: [UInt8])
}
