import Domain

/// A ``CallRecord`` in the journal: what balances need first, then the rest in the order of its members.
enum EntryBytes {
    /// What balances need of an entry.
    struct Summary: Sendable, Hashable {
        var time: Int
        var amountNanoUSD: Int?
        var attribution: Attribution
    }

    static func write(_ record: CallRecord, to writer: inout RecordWriter) {
        writer.int(record.start)
        writer.optionalInt(record.costNanoUSD)
        write(record.attribution, to: &writer)
        writer.text(record.call)
        writer.int(record.attempt)
        writer.text(record.trace)
        writer.text(record.span)
        writer.optionalText(record.parentSpan)
        writer.text(record.operation)
        writer.text(record.model)
        writer.text(record.target)
        writer.text(record.provider)
        writer.text(record.upstreamModel)
        writer.optionalText(record.responseModel)
        writer.int(record.duration)
        writer.optionalInt(record.timeToFirstToken)
        writer.int(record.status)
        writer.optionalText(record.failure)
        writer.optionalText(record.finishReason)
        writer.flag(record.isStream)
        writer.flag(record.isCacheHit)
        write(record.usage, to: &writer)
        writer.bytes.append(code(of: record.basis))
        writer.int(record.reservedNanoUSD)
        writer.text(record.priceVersion)
        writer.optionalText(record.serviceTier)
        let rawUsage = record.rawUsage.flatMap { $0.utf8.count <= JournalRecord.rawUsageLimit ? $0 : nil }
        writer.optionalText(rawUsage, limit: JournalRecord.rawUsageLimit)
    }

    static func write(_ attribution: Attribution, to writer: inout RecordWriter) {
        writer.text(attribution.key)
        writer.optionalText(attribution.team)
        writer.optionalText(attribution.service)
        writer.optionalText(attribution.useCase)
        writer.optionalText(attribution.user)
        writer.optionalText(attribution.session)
        writer.optionalText(attribution.release)
    }

    static func summary(_ reader: inout RecordReader) throws(RecordReader.Malformed) -> Summary {
        Summary(
            time: try reader.int(), amountNanoUSD: try reader.optionalInt(), attribution: try attribution(&reader))
    }

    static func attribution(_ reader: inout RecordReader) throws(RecordReader.Malformed) -> Attribution {
        Attribution(
            key: try reader.text(), team: try reader.optionalText(), service: try reader.optionalText(),
            useCase: try reader.optionalText(), user: try reader.optionalText(), session: try reader.optionalText(),
            release: try reader.optionalText())
    }

    static func read(_ reader: inout RecordReader) throws(RecordReader.Malformed) -> CallRecord {
        let summary = try summary(&reader)
        var record = CallRecord(
            call: try reader.text(), attempt: try reader.int(), trace: try reader.text(), span: try reader.text(),
            parentSpan: try reader.optionalText(), attribution: summary.attribution, operation: try reader.text(),
            model: try reader.text(), target: try reader.text(), provider: try reader.text(),
            upstreamModel: try reader.text(), responseModel: try reader.optionalText(), start: summary.time,
            duration: try reader.int(), timeToFirstToken: try reader.optionalInt(), status: try reader.int(),
            failure: try reader.optionalText(), finishReason: try reader.optionalText(), isStream: try reader.flag(),
            isCacheHit: try reader.flag(), usage: try usage(&reader))
        record.basis = try basis(of: try reader.byte())
        record.costNanoUSD = summary.amountNanoUSD
        record.reservedNanoUSD = try reader.int()
        record.priceVersion = try reader.text()
        record.serviceTier = try reader.optionalText()
        record.rawUsage = try reader.optionalText()
        return record
    }

    // MARK: Parts

    /// Units as a counted list, to which later ones are appended, so that older journals stay readable.
    private static func write(_ usage: TokenUsage, to writer: inout RecordWriter) {
        writer.int(unitCount)
        writer.int(usage.input)
        writer.int(usage.output)
        writer.int(usage.cachedInput)
        writer.int(usage.cacheWrite)
        writer.int(usage.reasoning)
        writer.int(usage.cacheWriteLong)
        writer.int(usage.audioInput)
        writer.int(usage.cachedAudio)
        writer.int(usage.imageInput)
        writer.int(usage.audioOutput)
        writer.int(usage.searches)
    }

    private static func usage(_ reader: inout RecordReader) throws(RecordReader.Malformed) -> TokenUsage {
        var rest = try reader.int()
        guard (0...unitCount).contains(rest) else { throw RecordReader.Malformed() }
        /// The next unit; 0 for one that the writer did not know yet.
        func next() throws(RecordReader.Malformed) -> Int {
            guard rest > 0 else { return 0 }
            rest -= 1
            return try reader.int()
        }
        return TokenUsage(
            input: try next(), output: try next(), cachedInput: try next(), cacheWrite: try next(),
            reasoning: try next(), cacheWriteLong: try next(), audioInput: try next(), cachedAudio: try next(),
            imageInput: try next(), audioOutput: try next(), searches: try next())
    }

    private static let unitCount = 11

    private static func code(of basis: CallRecord.Basis) -> UInt8 {
        switch basis {
        case .exact: 1
        case .estimated: 2
        case .unreconciled: 3
        case .unpriced: 4
        }
    }

    private static func basis(of code: UInt8) throws(RecordReader.Malformed) -> CallRecord.Basis {
        switch code {
        case 1: .exact
        case 2: .estimated
        case 3: .unreconciled
        case 4: .unpriced
        default: throw RecordReader.Malformed()
        }
    }
}
