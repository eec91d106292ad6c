import Driver

@testable import Gateway

/// Reads and rewrites any bytes as a request: whatever is accepted must mean after rewriting what it meant before.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let choice = Int(start[0])
    let body = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    let operations: [Gateway.Operation] = [.chat, .responses, .embeddings, .messages, .countTokens]
    let operation = operations[choice % operations.count]
    let pathModel = choice & 0x40 == 0 ? nil : "deployed"
    guard let scan = try? RequestScan(operation, body, pathModel: pathModel) else { return 0 }
    precondition(scan.estimatedInputTokens >= 0 && scan.choices >= 1 && !scan.model.isEmpty)
    let rewrite = RequestRewrite(
        model: choice & 0x80 == 0 ? nil : "up\"stream", provider: choice & 0x20 == 0 ? "openai" : "other",
        addsStreamUsage: choice & 0x10 == 0, outputLimit: choice & 0x08 == 0 ? nil : 100)
    let result = rewrite.bytes(of: body, scan)
    do {
        let again = try RequestScan(operation, result, pathModel: pathModel)
        precondition(again.model == pathModel ?? rewrite.model ?? scan.model)
        precondition(again.isStream == scan.isStream && again.choices == scan.choices && again.user == scan.user)
        precondition(again.metadata == scan.metadata && again.serviceTier == scan.serviceTier)
        if rewrite.addsStreamUsage, operation == .chat, scan.isStream { precondition(again.wantsStreamUsage) }
        if rewrite.outputLimit != nil, operation != .embeddings, operation != .countTokens {
            precondition(again.maximumOutputTokens.map { $0 <= 100 } ?? false)
        }
        precondition(rewrite.edits(again).allSatisfy { !$0.range.isEmpty } || rewrite.edits(again).isEmpty)
    } catch {
        preconditionFailure("a rewritten request is refused: \(error)")
    }
    return 0
}

@_cdecl("RequestFuzz_main")
func entry(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    run(count, arguments, { fuzz($0, $1) })
}
