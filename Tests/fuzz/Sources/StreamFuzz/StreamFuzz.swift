import Driver

@testable import Gateway

/// What a stream of bytes comes to, however it is cut.
struct Outcome: Equatable {
    var output: [UInt8] = []
    var usage: ReportedUsage?
    var failure: GatewayFailure?
    var isComplete = false
    var hasContent = false
    var outputTokens = 0
    var finishReason: String?

    init(_ choice: Int, _ pieces: [UnsafeRawBufferPointer]) {
        let operations: [Gateway.Operation] = [.chat, .responses, .messages]
        let stream = PassThroughStream(
            operations[choice % 3], wantsUsage: choice & 0x40 == 0, publicModel: choice & 0x80 == 0 ? nil : "a\"b")
        for piece in pieces { stream.take(piece, into: &output) }
        stream.end(into: &output)
        precondition(stream.progress.isComplete || stream.progress.failure != nil)
        precondition(stream.progress.outputTokens >= 0)
        let failure = GatewayFailure(.budgetExceeded, "Used up.")
        if choice & 0x20 == 0 { stream.fail(failure, into: &output) } else { stream.cut(failure, into: &output) }
        usage = stream.progress.usage
        self.failure = stream.progress.failure
        isComplete = stream.progress.isComplete
        hasContent = stream.progress.hasContent
        outputTokens = stream.progress.outputTokens
        finishReason = stream.progress.finishReason
    }
}

/// Passes any bytes on as a stream: cut anywhere it must come to the same.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 2 else { return 0 }
    let choice = Int(start[0])
    var step = Int(start[1])
    let bytes = UnsafeRawBufferPointer(start: start + 2, count: count - 2)
    let whole = Outcome(choice, [bytes])
    var pieces: [UnsafeRawBufferPointer] = []
    var place = 0
    while place < bytes.count {
        step = (step * 5 + 3) & 0xFF
        let end = min(place + step % 23 + 1, bytes.count)
        pieces.append(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
        place = end
    }
    precondition(Outcome(choice, pieces) == whole)
    let single = bytes.indices.map { UnsafeRawBufferPointer(rebasing: bytes[$0..<($0 + 1)]) }
    precondition(Outcome(choice, single) == whole)
    return 0
}

@_cdecl("StreamFuzz_main")
func entry(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    run(count, arguments, { fuzz($0, $1) })
}
