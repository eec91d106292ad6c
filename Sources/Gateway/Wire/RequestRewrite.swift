/// Changes a body for its upstream by replacing single values; all other bytes stay as the client wrote them.
package struct RequestRewrite: Sendable, Equatable {
    /// One replacement of bytes.
    package struct Edit: Sendable, Equatable {
        package var range: Range<Int>
        package var bytes: [UInt8]
    }

    /// The upstream's name of the model; `nil` leaves the client's.
    package var model: String?
    /// OpenTelemetry's name of the provider, on which the name of an output limit depends.
    package var provider: String
    /// Whether the upstream is asked for usage in a streamed chat where the client did not ask.
    package var addsStreamUsage: Bool
    /// The most output tokens: added where the client sets no limit, lowered to where it sets a higher one.
    package var outputLimit: Int?

    package init(model: String? = nil, provider: String = "", addsStreamUsage: Bool = false, outputLimit: Int? = nil) {
        self.model = model
        self.provider = provider
        self.addsStreamUsage = addsStreamUsage
        self.outputLimit = outputLimit
    }

    /// The replacements in the order of the body; none where it can be sent as it is.
    package func edits(_ scan: RequestScan) -> [Edit] {
        var edits: [Edit] = []
        var added: [UInt8] = []
        if let model { replaceModel(model, scan, &edits, &added) }
        if let outputLimit { limitOutput(outputLimit, scan, &edits, &added) }
        if addsStreamUsage, scan.isStream, scan.operation == .chat, !scan.wantsStreamUsage {
            askForUsage(scan, &edits, &added)
        }
        if !added.isEmpty {
            if !scan.places.hasMembers { added.removeLast() }
            edits.append(Edit(range: scan.places.firstMember..<scan.places.firstMember, bytes: added))
        }
        return edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Appends the changed body.
    package func write(_ body: UnsafeRawBufferPointer, _ scan: RequestScan, into out: inout [UInt8]) {
        let edits = edits(scan)
        out.reserveCapacity(out.count + body.count + edits.reduce(0) { $0 + $1.bytes.count })
        var place = 0
        for edit in edits {
            out.append(contentsOf: body[place..<edit.range.lowerBound])
            out.append(contentsOf: edit.bytes)
            place = edit.range.upperBound
        }
        out.append(contentsOf: body[place...])
    }

    /// The changed body.
    package func bytes(of body: [UInt8], _ scan: RequestScan) -> [UInt8] {
        var out: [UInt8] = []
        body.withUnsafeBytes { write($0, scan, into: &out) }
        return out
    }

    private func replaceModel(_ model: String, _ scan: RequestScan, _ edits: inout [Edit], _ added: inout [UInt8]) {
        var quoted: [UInt8] = []
        quoted.append(quoted: model)
        if let range = scan.places.model {
            edits.append(Edit(range: range, bytes: quoted))
        } else {
            added.append(text: "\"model\":")
            added += quoted
            added.append(text: ",")
        }
    }

    private func limitOutput(_ limit: Int, _ scan: RequestScan, _ edits: inout [Edit], _ added: inout [UInt8]) {
        guard scan.operation != .embeddings, scan.operation != .countTokens else { return }
        for place in scan.places.limits where place.tokens.map({ $0 > limit }) ?? true {
            edits.append(Edit(range: place.value, bytes: Array(String(limit).utf8)))
        }
        guard scan.places.limits.isEmpty else { return }
        added.append(text: "\"")
        added += Array(limitName(scan.operation).utf8)
        added.append(text: "\":")
        added += Array(String(limit).utf8)
        added.append(text: ",")
    }

    /// What the limit is called where the client sets none.
    private func limitName(_ operation: Operation) -> String {
        switch operation {
        case .responses: "max_output_tokens"
        case .chat where provider == "openai" || provider == "azure.ai.openai": "max_completion_tokens"
        default: "max_tokens"
        }
    }

    private func askForUsage(_ scan: RequestScan, _ edits: inout [Edit], _ added: inout [UInt8]) {
        let places = scan.places
        if let range = places.includeUsage {
            edits.append(Edit(range: range, bytes: Array("true".utf8)))
        } else if let range = places.streamOptions, places.hasStreamOptions {
            let start = range.lowerBound + 1
            let member = places.streamOptionsAreEmpty ? "\"include_usage\":true" : "\"include_usage\":true,"
            edits.append(Edit(range: start..<start, bytes: Array(member.utf8)))
        } else if let range = places.streamOptions {
            edits.append(Edit(range: range, bytes: Array("{\"include_usage\":true}".utf8)))
        } else {
            added.append(text: "\"stream_options\":{\"include_usage\":true},")
        }
    }
}
