import Domain
import Logging

/// What the server says beside its requests: one JSON object a line, as the request log has it.
struct EventLog: Sendable {
    enum Level: String {
        case info
        case warning
        case error
    }

    let writer: LogWriter

    /// Writes a line: a constant sentence in lower case, and facts.
    func say(_ level: Level, _ message: String, _ facts: JSONObject = [:]) {
        var line: JSONObject = [
            "time": .string(Self.time()), "level": .string(level.rawValue), "message": .string(message),
        ]
        for (name, value) in facts { line[name] = value }
        writer.write(JSONValue.object(line).bytes() + [0x0A])
    }

    private static func time() -> String { Timestamp.text(of: Effects.live.now().nanoseconds) }
}

/// Hands what libraries log to the ``EventLog``.
struct EventLogHandler: LogHandler {
    let log: EventLog
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level: EventLog.Level = event.level >= .error ? .error : event.level >= .warning ? .warning : .info
        var facts = JSONObject()
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            facts[name] = .string("\(value)")
        }
        log.say(level, "\(event.message)", facts)
    }
}
