package import Domain

/// Why a dataset cannot be read: the file, the line, and what is wrong there.
package struct DatasetError: Failure, Equatable {
    /// What is wrong; the raw value is the failure's code.
    package enum Kind: String, Sendable {
        case notFound = "DatasetNotFound"
        case unreadable = "DatasetUnreadable"
        /// No rows at all.
        case empty = "DatasetEmpty"
        case invalidJSON = "DatasetInvalidJSON"
        /// A row, or the file's outermost value, is of the wrong kind.
        case wrongShape = "DatasetWrongShape"
        case invalidUTF8 = "DatasetInvalidUTF8"
        /// A row of a table does not have one cell for each column.
        case raggedRow = "DatasetRaggedRow"
        case invalidHeader = "DatasetInvalidHeader"
        case unterminatedQuote = "DatasetUnterminatedQuote"
        case tooLarge = "DatasetLineTooLarge"
        /// A request about a dataset makes no sense: split shares, an unknown column.
        case invalidRequest = "DatasetRequestInvalid"
    }

    package let kind: Kind
    package let file: String
    /// The line in the file, from 1, or `nil` where the whole file is meant.
    package let line: Int?
    /// What is wrong, without the place.
    package let problem: String

    package init(_ kind: Kind, file: String, line: Int? = nil, _ problem: String) {
        self.kind = kind
        self.file = file
        self.line = line
        self.problem = problem
    }

    package var code: String { kind.rawValue }
    package var blame: Blame { kind == .unreadable ? .environment : .request }
    package var message: String { line.map { "\(file):\($0): \(problem)" } ?? "\(file): \(problem)" }
}
