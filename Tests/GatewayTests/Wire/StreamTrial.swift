import Domain
import Testing

@testable import Gateway

/// A streamed answer that is fed to a stream, and what came of it.
struct StreamTrial {
    var output: String
    var progress: StreamProgress

    /// Feeds pieces to a fresh stream and ends it.
    init(
        _ operation: Gateway.Operation, _ pieces: [[UInt8]], wantsUsage: Bool = false, publicModel: String? = nil,
        ends: Bool = true
    ) {
        let stream = PassThroughStream(operation, wantsUsage: wantsUsage, publicModel: publicModel)
        var out: [UInt8] = []
        for piece in pieces { piece.withUnsafeBytes { stream.take($0, into: &out) } }
        if ends { stream.end(into: &out) }
        output = String(decoding: out, as: UTF8.self)
        progress = stream.progress
    }

    /// Feeds a text whole, and checks that cut at any byte it comes to the same.
    init(
        _ operation: Gateway.Operation, _ text: String, wantsUsage: Bool = false, publicModel: String? = nil,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        let bytes = Array(text.utf8)
        self.init(operation, [bytes], wantsUsage: wantsUsage, publicModel: publicModel)
        var cuts = (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
        cuts.append(bytes.map { [$0] })
        for cut in cuts {
            let other = StreamTrial(operation, cut, wantsUsage: wantsUsage, publicModel: publicModel)
            let isSame =
                other.output == output && other.progress.usage == progress.usage
                && other.progress.failure == progress.failure && other.progress.isComplete == progress.isComplete
                && other.progress.hasContent == progress.hasContent
                && other.progress.outputTokens == progress.outputTokens
                && other.progress.finishReason == progress.finishReason && other.progress.model == progress.model
            if !isSame {
                Issue.record("cut after \(cut[0].count) bytes it is different", sourceLocation: sourceLocation)
                return
            }
        }
    }
}

/// Joins the data of events into a stream; a name is set before data that has a `type`, if asked.
func stream(_ data: [String], named: Bool = false) -> String {
    data.map { data in
        guard named, let type = (try? JSONValue(parsing: data))?["type"]?.string else { return "data: \(data)\n\n" }
        return "event: \(type)\ndata: \(data)\n\n"
    }.joined()
}
