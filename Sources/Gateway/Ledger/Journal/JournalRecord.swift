import Domain

/// One thing that happened, as the journal keeps it.
enum JournalRecord: Sendable, Hashable {
    /// A reservation's first byte goes upstream; written again at the start of each segment in which it is open.
    case dispatch(ReservedCall, DispatchFacts)
    /// A dispatched reservation holds more: its new amount and output tokens.
    case enlargement(serial: Int, amountNanoUSD: Int, outputTokens: Int)
    /// A dispatched reservation's bytes never reached the provider.
    case void(serial: Int)
    /// An attempt ended; serial 0 for one without a reservation.
    case entry(serial: Int, CallRecord)

    /// The longest body of a record.
    static let limit = 1 << 20
    /// The longest raw usage that is kept; a longer one is left out whole, because half a JSON text is of no use.
    static let rawUsageLimit = 256 << 10

    enum Kind: UInt8 {
        case dispatch = 1
        case enlargement = 2
        case void = 3
        case entry = 4
    }

    func write(to writer: inout RecordWriter) {
        switch self {
        case .dispatch(let reserved, let facts):
            writer.bytes.append(Kind.dispatch.rawValue)
            Self.write(reserved, facts, to: &writer)
        case .enlargement(let serial, let amount, let tokens):
            writer.bytes.append(Kind.enlargement.rawValue)
            writer.int(serial)
            writer.int(amount)
            writer.int(tokens)
        case .void(let serial):
            writer.bytes.append(Kind.void.rawValue)
            writer.int(serial)
        case .entry(let serial, let record):
            writer.bytes.append(Kind.entry.rawValue)
            writer.int(serial)
            EntryBytes.write(record, to: &writer)
        }
    }

    init(_ body: UnsafeRawBufferPointer) throws(RecordReader.Malformed) {
        var reader = RecordReader(body)
        guard let kind = Kind(rawValue: try reader.byte()) else { throw RecordReader.Malformed() }
        switch kind {
        case .dispatch: self = try Self.dispatch(&reader)
        case .enlargement:
            self = .enlargement(
                serial: try reader.int(), amountNanoUSD: try reader.int(), outputTokens: try reader.int())
        case .void: self = .void(serial: try reader.int())
        case .entry: self = .entry(serial: try reader.int(), try EntryBytes.read(&reader))
        }
    }

    private static func write(_ reserved: ReservedCall, _ facts: DispatchFacts, to writer: inout RecordWriter) {
        writer.int(reserved.serial)
        writer.int(reserved.time)
        writer.optionalInt(reserved.amountNanoUSD)
        EntryBytes.write(reserved.attribution, to: &writer)
        writer.text(reserved.call)
        writer.int(reserved.attempt)
        writer.text(reserved.model)
        writer.int(reserved.inputTokens)
        writer.int(reserved.outputTokens)
        writer.text(facts.operation)
        writer.text(facts.target)
        writer.text(facts.provider)
        writer.text(facts.upstreamModel)
        writer.text(facts.trace)
        writer.text(facts.span)
        writer.optionalText(facts.parentSpan)
        writer.flag(facts.isStream)
        writer.text(facts.priceVersion)
    }

    private static func dispatch(_ reader: inout RecordReader) throws(RecordReader.Malformed) -> Self {
        let serial = try reader.int()
        let time = try reader.int()
        let amount = try reader.optionalInt()
        let attribution = try EntryBytes.attribution(&reader)
        let reserved = ReservedCall(
            serial: serial, call: try reader.text(), attempt: try reader.int(), time: time, attribution: attribution,
            model: try reader.text(), amountNanoUSD: amount, inputTokens: try reader.int(),
            outputTokens: try reader.int())
        let facts = DispatchFacts(
            operation: try reader.text(), target: try reader.text(), provider: try reader.text(),
            upstreamModel: try reader.text(), trace: try reader.text(), span: try reader.text(),
            parentSpan: try reader.optionalText(), isStream: try reader.flag(), priceVersion: try reader.text())
        return .dispatch(reserved, facts)
    }
}
