import Domain
import Jinja

/// Splits a rendered chat prompt into messages at its role headers (`system:`, `# user:`).
///
/// Only what the template's author wrote can open a role: a header counts if its line, its line end and the line end
/// before it are literal text of the template. Inputs never can. (Prompt flow escapes role words in inputs instead,
/// which leaves `name:` and `content:` open.)
struct ChatPrompt {
    static let roles = ["system", "user", "assistant", "function", "tool", "developer"]

    let images: ImageCatalogue

    /// The messages as OpenAI's API takes them.
    ///
    /// Throws if text stands before the first role or a message is malformed.
    func messages(_ segments: [Segment]) throws(FlowFailure) -> [JSONValue] {
        var messages: [JSONValue] = []
        var role: String?
        var body: [Line] = []
        for line in Self.lines(of: segments) {
            guard let next = Self.role(of: line) else {
                body.append(line)
                continue
            }
            try close(role, body, into: &messages)
            role = next
            body = []
        }
        try close(role, body, into: &messages)
        guard !messages.isEmpty else { throw Self.noRole(first: nil) }
        return messages
    }

    private func close(_ role: String?, _ body: [Line], into messages: inout [JSONValue]) throws(FlowFailure) {
        guard let role else {
            if let first = body.first(where: { !$0.text.trimmingPythonSpace.isEmpty }) {
                throw Self.noRole(first: first)
            }
            return
        }
        messages.append(.object(try message(role: role, body: body)))
    }

    private static func noRole(first: Line?) -> FlowFailure {
        FlowFailure(
            "ChatAPIInvalidRole",
            "a chat prompt begins with a role on a line of its own, such as `system:` or `# user:`"
                + (first == nil ? "; this one has no message" : "; this one begins with other text"))
    }

    private func message(role: String, body: [Line]) throws(FlowFailure) -> JSONObject {
        var message: JSONObject = ["role": .string(role)]
        let parts = Self.headed(body)
        if role == "tool" {
            guard let id = parts["tool_call_id"], let content = parts["content"] else {
                throw FlowFailure(
                    "ChatAPIToolRoleInvalidFormat",
                    "a message of the role `tool` has the parts `## tool_call_id:` and `## content:`")
            }
            message["tool_call_id"] = .string(Self.text(id))
            message["content"] = .string(Self.text(content))
            return message
        }
        if role == "assistant", let calls = parts["tool_calls"] {
            message["content"] = .null
            message["tool_calls"] = try toolCalls(Self.text(calls))
            return message
        }
        if let name = parts["name"], let content = parts["content"] {
            message["name"] = .string(Self.text(name))
            message["content"] = self.content(content)
            return message
        }
        guard role != "function" else {
            throw FlowFailure(
                "ChatAPIFunctionRoleInvalidFormat",
                "a message of the role `function` has the parts `name:` and `content:`")
        }
        message["content"] = content(body)
        return message
    }

    private func toolCalls(_ text: String) throws(FlowFailure) -> JSONValue {
        guard let value = PythonLiteral.parse(text), case .array = value else {
            throw FlowFailure("ChatAPIAssistantRoleInvalidFormat", "`## tool_calls:` is followed by a list of calls")
        }
        return value
    }

    /// A text, or, with images, a list of parts: each line that is an image becomes one, other lines text parts.
    private func content(_ lines: [Line]) -> JSONValue {
        let text = Self.text(lines)
        guard !images.isEmpty else { return .string(text) }
        var parts: [JSONValue] = []
        var hasImage = false
        for line in images.separated(text).split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            let line = String(line)
            if let image = images.part(for: line.trimmingPythonSpace) {
                parts.append(image)
                hasImage = true
            } else if !line.trimmingPythonSpace.isEmpty {
                parts.append(["type": "text", "text": .string(line)])
            }
        }
        return hasImage ? .array(parts) : .string(text)
    }
}

extension ChatPrompt {
    /// A line of the rendered prompt, how it ended, and whether it may be a header.
    struct Line {
        var text = ""
        var end = ""
        var mayBeHeader: Bool
    }

    /// The lines of a rendered prompt.
    static func lines(of segments: [Segment]) -> [Line] {
        var lines: [Line] = []
        var current = Line(mayBeHeader: true)
        for segment in segments {
            let isLiteral = if case .literal = segment { true } else { false }
            var rest = Substring(segment.text)
            while let end = rest.firstIndex(where: { $0 == "\n" || $0 == "\r\n" }) {
                current.add(rest[..<end], isLiteral: isLiteral)
                if !isLiteral { current.mayBeHeader = false }
                current.end = String(rest[end])
                lines.append(current)
                current = Line(mayBeHeader: isLiteral)
                rest = rest[rest.index(after: end)...]
            }
            current.add(rest, isLiteral: isLiteral)
        }
        // The last line has no end, so it cannot be a header.
        current.mayBeHeader = false
        lines.append(current)
        return lines
    }

    static func role(of line: Line) -> String? {
        guard line.mayBeHeader, let word = headerWord(line.text, marks: 1) else { return nil }
        return roles.contains(word) ? word : nil
    }

    /// The word of a line like `## name:`, in lower case, with at most `marks` number signs.
    private static func headerWord(_ text: String, marks: Int) -> String? {
        guard text.utf8.count < 64 else { return nil }
        var rest = Substring(text.trimmingPythonSpace)
        var count = 0
        while rest.first == "#", count < marks {
            rest = rest.dropFirst()
            count += 1
        }
        guard rest.last == ":" else { return nil }
        return String(rest.dropLast()).trimmingPythonSpace.lowercased()
    }

    /// The parts of a message that has sub-headers; empty where the first line of text is no sub-header.
    private static func headed(_ body: [Line]) -> [String: [Line]] {
        let words = ["name", "content", "tool_calls", "tool_call_id"]
        var parts: [String: [Line]] = [:]
        var current: String?
        for line in body {
            if current != "content", line.mayBeHeader, let word = headerWord(line.text, marks: 2), words.contains(word)
            {
                current = word
                parts[word] = []
            } else if let current {
                parts[current]?.append(line)
            } else if !line.text.trimmingPythonSpace.isEmpty {
                return [:]
            }
        }
        return parts
    }

    private static func text(_ lines: [Line]) -> String {
        lines.map { $0.text + $0.end }.joined().trimmingPythonSpace
    }
}

extension ChatPrompt.Line {
    fileprivate mutating func add(_ piece: Substring, isLiteral: Bool) {
        if !isLiteral, !piece.allSatisfy(\.isWhitespace) { mayBeHeader = false }
        text += piece
    }
}
