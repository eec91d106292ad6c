import Domain
import Gateway

/// Why a run of a flow gave no answer, for its caller.
struct FlowProblem: Sendable {
    let failure: GatewayFailure
    /// The same without the error's code in front.
    let message: String
    /// prompt flow's word: whether the caller or flow (`UserError`, 400) or the system (`SystemError`, 500) is to blame.
    let isUserError: Bool

    /// `nil` if the run completed.
    init?(_ line: LineRecord) {
        guard line.status != .completed else { return nil }
        guard let error = line.error else {
            isUserError = false
            message = "The flow was ended before it had an answer."
            failure = GatewayFailure(.flowFailed, message)
            return
        }
        isUserError = error.blame != .environment
        message = error.message
        if line.status == .canceled {
            failure = GatewayFailure(.clientClosed, "The call was ended by its client.")
        } else if Self.inputCodes.contains(error.code) {
            failure = GatewayFailure(.invalidRequest, error.message, shouldRetry: false)
        } else {
            failure = GatewayFailure(
                .flowFailed, "\(error.code): \(error.message)", shouldRetry: isUserError ? false : nil)
        }
    }

    /// What is wrong with the request itself.
    private static let inputCodes: Set = ["InputNotFound", "InputTypeError", "InputParseError"]
}
