import Domain

extension MessagesToChat {
    /// The parts of content blocks; `place` names them in ``losses``.
    mutating func parts(
        _ blocks: [RequestNode], where place: String, isText: Bool = false
    ) throws(GatewayFailure) -> [JSONValue] {
        var parts: [JSONValue] = []
        for block in blocks {
            let type = try block.required("type")
            let word = try type.string()
            guard !isText || word == "text" else { throw type.untranslatable("must be `text` here.") }
            switch word {
            case "text":
                try noteLosses(of: block, known: ["type", "text"], where: place)
                let text = try block.required("text").string()
                if !text.isEmpty { parts.append(Self.text(text)) }
            case "image":
                try noteLosses(of: block, known: ["type", "source"], where: place)
                parts.append(["type": "image_url", "image_url": ["url": .string(try imageURL(of: block))]])
            case "document": parts += try document(block, where: place)
            default: throw type.untranslatable("is `\(word.shortened)`, which has no equal in OpenAI's chat.")
            }
        }
        return parts
    }

    /// A text part.
    static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

    /// Parts as a message's content: a single text stands for itself, which every server understands.
    static func content(_ parts: [JSONValue]) -> JSONValue {
        guard parts.count == 1, let text = parts.first?["text"] else { return .array(parts) }
        return text
    }

    /// Adds the members of `block` that are not translated to ``losses``.
    mutating func noteLosses(of block: RequestNode, known: Set<String>, where place: String) throws(GatewayFailure) {
        for (key, value) in try block.object() where !value.isNull && !known.contains(key) {
            // Flags that are off mean what leaving them out means.
            if value.bool == false { continue }
            losses.add("\(place).\(key)")
        }
    }

    private func imageURL(of block: RequestNode) throws(GatewayFailure) -> String {
        let source = try block.required("source")
        let type = try source.required("type")
        switch try type.string() {
        case "url": return try source.required("url").string()
        case "base64":
            return DataURL.text(
                type: try source.required("media_type").string(), base64: try source.required("data").string())
        default: throw type.untranslatable("must be `url` or `base64`: OpenAI cannot read files kept at Anthropic.")
        }
    }

    private mutating func document(_ block: RequestNode, where place: String) throws(GatewayFailure) -> [JSONValue] {
        try noteLosses(of: block, known: ["type", "source", "title"], where: "\(place).document")
        let source = try block.required("source")
        let type = try source.required("type")
        switch try type.string() {
        case "base64":
            let data = DataURL.text(
                type: try source.required("media_type").string(), base64: try source.required("data").string())
            let name = try block.member("title")?.string() ?? "document.pdf"
            return [["type": "file", "file": ["filename": .string(name), "file_data": .string(data)]]]
        case "text":
            noteTitle(of: block, where: place)
            return [Self.text(try source.required("data").string())]
        case "content":
            noteTitle(of: block, where: place)
            let content = try source.required("content")
            if let text = content.value.string { return [Self.text(text)] }
            return try parts(try content.elements(orText: true), where: "\(place).document")
        default:
            throw type.untranslatable("must be `base64`, `text` or `content`: OpenAI's chat takes no other files.")
        }
    }

    private mutating func noteTitle(of block: RequestNode, where place: String) {
        if block.member("title") != nil { losses.add("\(place).document.title") }
    }
}
