import Domain
import Driver

@testable import Gateway

/// Reads any bytes as a whole answer, as a refusal and as usage: it may fail, but only by saying so.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let body = Array(UnsafeBufferPointer(start: start, count: count))
    for operation in Gateway.Operation.allCases {
        guard let facts = try? AnswerFacts.read(operation, body) else { continue }
        precondition(facts.outputTokens >= 0)
        if let tokens = facts.usage?.tokens { precondition(tokens.input >= 0 && tokens.output >= 0) }
    }
    let statuses = [400, 401, 404, 429, 500, 529]
    let refusal = UpstreamRefusal(status: statuses[count % statuses.count], body: body, now: 1_800_000_000) { name in
        name == "retry-after" ? String(decoding: body.prefix(40), as: UTF8.self) : nil
    }
    precondition((400..<600).contains(refusal.failure.status))
    for dialect in Dialect.allCases {
        let text = ErrorBody(refusal.failure, dialect).bytes
        precondition((try? JSONValue(parsing: text)) != nil)
    }
    guard let value = try? JSONValue(parsing: body) else { return 0 }
    for dialect in Dialect.allCases {
        guard let usage = ReportedUsage.read(value, dialect) else { continue }
        let tokens = usage.tokens
        precondition(tokens.input >= 0 && tokens.cachedInput >= 0 && tokens.searches >= 0)
    }
    return 0
}

@_cdecl("AnswerFuzz_main")
func entry(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    run(count, arguments, { fuzz($0, $1) })
}
