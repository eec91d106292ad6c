import Domain
import Gateway
import NIOCore

/// One attempt of a call at a target, from its reservation to its settlement.
///
/// Confined to its call's event loop.
final class Attempt {
    let target: Target
    let access: UpstreamAccess
    /// From 1; each has an entry of its own in the ledger.
    let number: Int
    /// 16 hexadecimal digits.
    let span: String
    /// What the upstream is asked: the client's operation, or what it was translated to.
    var operation: Operation
    /// Header and, where it is not copied behind it, the body.
    var request: (head: ByteBuffer, body: ByteBuffer?)?
    /// Names of the client's members that the translation could not keep.
    var losses: [String] = []
    var reservation: ReservationID?
    var reservedNanoUSD = 0
    /// Whether the ledger was told that the request goes out, and whether any of it did.
    var isDispatched = false
    var isSent = false
    var connection: UpstreamConnection?

    /// Nanoseconds since 1970, when it was begun.
    let start: Int
    let startUptime: NIODeadline
    var dispatchedAt = NIODeadline.uptimeNanoseconds(0)
    var firstContentAt: NIODeadline?

    var head: ResponseHead?
    /// The answer, or an error's body, as far as it has come; as the upstream encodes it.
    var body = ByteBuffer()
    var stream: (any AnswerStream)?
    var inflater: Inflater?
    /// Output tokens for which money is reserved; more have to be asked for.
    var allowedTokens = Int.max

    init(target: Target, access: UpstreamAccess, number: Int, operation: Operation, span: String, start: Int) {
        self.target = target
        self.access = access
        self.number = number
        self.operation = operation
        self.start = start
        self.span = span
        startUptime = .now()
    }
}
