package import Domain

/// Why a report could not be written.
package enum ReportError: Failure, Equatable {
    /// The parts of the page do not fit together: a mistake of ours, not of the data.
    case assets(String)
    /// A line names a dataset that the summary does not have.
    case unknownDataset(String)
    /// A line has results for another number of variants than the summary.
    case wrongNumberOfResults(line: Int, expected: Int, found: Int)
    /// The file could not be written or put in place.
    case unwritable(path: String, reason: String)

    package var code: String {
        switch self {
        case .assets: "ReportAssetsError"
        case .unknownDataset: "ReportDatasetError"
        case .wrongNumberOfResults: "ReportResultsError"
        case .unwritable: "ReportFileError"
        }
    }

    package var message: String {
        switch self {
        case .assets(let reason): "The report cannot be put together: \(reason)."
        case .unknownDataset(let name):
            "A line of the report belongs to dataset `\(name)`, which its summary does not name."
        case .wrongNumberOfResults(let line, let expected, let found):
            "Line \(line) of the report has \(found) results; the summary has \(expected) variants."
        case .unwritable(let path, let reason): "The report `\(path)` could not be written: \(reason)."
        }
    }

    package var blame: Blame { .environment }
}
