/// A streamed answer that goes to the client in the dialect in which it comes.
package final class PassThroughStream: AnswerStream {
    package private(set) var progress = StreamProgress()
    private let operation: Operation
    private let wantsUsage: Bool
    private let publicModel: String?

    /// A stream of `.chat`, `.responses` or `.messages`.
    ///
    /// - Parameters:
    ///   - wantsUsage: whether a chat client asked for usage; if not, it is taken out of the events.
    ///   - publicModel: the name the client shall see instead of the upstream's; `nil` leaves it.
    package init(_ operation: Operation, wantsUsage: Bool, publicModel: String? = nil) {
        self.operation = operation
        self.wantsUsage = wantsUsage
        self.publicModel = publicModel
    }

    package func take(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        out.append(contentsOf: bytes)
    }

    package func end(into out: inout [UInt8]) {}

    package func fail(_ failure: GatewayFailure, into out: inout [UInt8]) {}

    package func cut(_ failure: GatewayFailure, into out: inout [UInt8]) {}
}
