import Domain

/// One recorded call: a line of a recordings file.
struct Recording: Sendable {
    var key: Digest
    var operation: String
    var body: JSONObject
    var response: JSONObject
    /// The provider that answered, by OpenTelemetry's name.
    var provider: String
    /// Seconds since 1970, where the recording says when it was made.
    var recordedAt: Double?

    /// Reads a line.
    ///
    /// Returns `nil` if it is no recording.
    init?(line: JSONValue) {
        guard let response = line["response"]?.object else { return nil }
        operation = line["request"]?["operation"]?.string ?? ModelOperation.chat.rawValue
        body = line["request"]?["body"]?.object ?? [:]
        if let key = line["key"]?.string {
            self.key = Digest(text: key)
        } else {
            // Written by hand: the key follows from the request.
            guard line["request"]?["body"]?.object != nil else { return nil }
            key = Digest(of: ["operation": .string(operation), "body": .object(body)])
        }
        self.response = response
        provider = line["meta"]?["provider"]?.string ?? "replay"
        recordedAt = line["meta"]?["recorded_at"]?.double
    }
}
