import Domain
import Gateway
import NIOCore

/// One line of JSON per request, without prompts, answers, keys or what else is not ours to keep.
extension ModelCall {
    func writeLog(into line: inout [UInt8], status: Int, failure: GatewayFailure?, duration: Int) {
        var log = LogLine(start: start, event: "call")
        log.add("call", id)
        if trace != id { log.add("trace", trace) }
        log.add("operation", head.operation.rawValue)
        log.add("model", route?.name)
        log.add("key", key.id)
        log.add("team", attribution.team)
        log.add("service", attribution.service)
        log.add("use_case", attribution.useCase)
        log.add("status", status)
        log.add("duration_us", duration / 1000)
        if let failure { log.add("failure", failure.code) }
        if let plan, !plan.failures.isEmpty {
            log.add("failed", plan.failures.map { "\($0.target): \($0.reason)" }.joined(separator: "; "))
        }
        if let record = lastRecord {
            log.add("target", record.target)
            log.add("attempt", record.attempt)
            if record.isStream { log.add("stream", true) }
            if record.isCacheHit { log.add("cache", true) }
            if let time = record.timeToFirstToken { log.add("first_token_us", time / 1000) }
            log.add("input_tokens", record.usage.input)
            log.add("output_tokens", record.usage.output)
            if let cost = record.costNanoUSD { log.add("cost_nano_usd", cost) }
            log.add("basis", record.basis.rawValue)
        }
        log.end(into: &line)
    }
}

extension GatewayLoop {
    /// Logs and counts a request that was refused before it became a call.
    func logRefusal(_ failure: GatewayFailure, head: CallHead, key: KeyRecord?) {
        let now = shared.services.now()
        shared.services.traffic.shard(number).answered(
            ClientAnswer(
                operation: head.operation.rawValue, model: "", team: key?.team, key: key?.id, status: failure.status,
                failure: failure.kind, start: now, duration: 0))
        log { line in
            var log = LogLine(start: now, event: "refused")
            log.add("operation", head.operation.rawValue)
            log.add("key", key?.id)
            log.add("status", failure.status)
            log.add("failure", failure.code)
            log.end(into: &line)
        }
    }
}

/// A line of the request log.
struct LogLine {
    private var writer = JSONWriter()

    /// - Parameter start: nanoseconds since 1970.
    init(start: Int, event: StaticString) {
        writer.append(raw: "{\"time_us\":")
        writer.append(.int(start / 1000))
        writer.append(raw: ",\"event\":\"")
        writer.append(raw: event)
        writer.append(raw: "\"")
    }

    mutating func add(_ name: StaticString, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        begin(name)
        writer.append(quoted: value)
    }

    mutating func add(_ name: StaticString, _ value: Int) {
        begin(name)
        writer.append(.int(value))
    }

    mutating func add(_ name: StaticString, _ value: Bool) {
        begin(name)
        writer.append(.bool(value))
    }

    /// Appends the line with its end.
    mutating func end(into line: inout [UInt8]) {
        writer.append(raw: "}\n")
        line += writer.bytes
    }

    private mutating func begin(_ name: StaticString) {
        writer.append(raw: ",\"")
        writer.append(raw: name)
        writer.append(raw: "\":")
    }
}
