/// An error that a person can act on: what is wrong, where, and what to do.
package protocol Failure: Error, Sendable, CustomStringConvertible {
    /// A stable word for scripts, such as `InputTypeError`.
    var code: String { get }
    /// A sentence for a person; never holds a secret, a prompt or a model's answer.
    var message: String { get }
    /// Who has to act; decides the exit status.
    var blame: Blame { get }
}

extension Failure {
    package var description: String { "\(code): \(message)" }
}

/// Who has to act on a failure.
///
/// The raw value is the exit status of a command.
package enum Blame: Int32, Sendable {
    /// Lines or a gate failed; the request itself was right.
    case result = 1
    /// The request was wrong: arguments, files, references, types.
    case request = 2
    /// A provider or the machine failed.
    case environment = 3
}

/// A failure with nothing more to it than its code, its sentence and who has to act.
package struct PlainFailure: Failure, Equatable {
    package let code: String
    package let message: String
    package let blame: Blame

    package init(_ code: String, _ message: String, blame: Blame = .request) {
        self.code = code
        self.message = message
        self.blame = blame
    }
}

/// A place in a text file, for messages: `flow.dag.yaml:12:5`.
///
/// Lines and columns count from 1.
package struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}
