/// Keeps runs, their lines and spans, and evaluation results.
package protocol RunStore: Sendable {
    /// Adds a run. Throws if its id is taken.
    func insert(_ run: RunRecord) async throws
    /// Replaces a run's status, metrics, errors and end.
    func update(_ run: RunRecord) async throws
    /// The run, or `nil` if the id is unknown.
    func run(id: String) async throws -> RunRecord?
    /// The newest runs, newest first.
    func runs(limit: Int) async throws -> [RunRecord]

    /// Adds finished lines with their spans in one transaction; a line that is there already is replaced.
    /// When it returns, the lines survive the end of the process.
    func append(_ lines: [LineRecord], to run: String) async throws
    /// Lines of a run in order of line number, without spans, starting after `after`.
    func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord]
    /// The numbers of a run's lines that completed.
    func completedLineNumbers(of run: String) async throws -> Set<Int>
    /// The spans of one line, parents first.
    func spans(of run: String, line: Int) async throws -> [Span]

    /// A kept result by content key (evaluations, judge answers), or `nil`.
    func cachedValue(for key: Digest) async throws -> JSONValue?
    /// Keeps results by content key.
    func cache(_ values: [(key: Digest, value: JSONValue)]) async throws
}
