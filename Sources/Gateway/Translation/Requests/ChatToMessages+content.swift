import Domain

extension ChatToMessages {
    private static let imageTypes: Set = ["image/jpeg", "image/png", "image/gif", "image/webp"]

    /// The blocks of a message's content: a text, a list of parts, or nothing.
    ///
    /// Empty texts, which Anthropic refuses, are left out.
    mutating func blocks(_ content: RequestNode?, isSystem: Bool = false) throws(GatewayFailure) -> [JSONValue] {
        guard let content else { return [] }
        if let text = content.value.string { return text.isEmpty ? [] : [["type": "text", "text": .string(text)]] }
        var blocks: [JSONValue] = []
        for part in try content.elements(orText: true) {
            let type = try part.required("type")
            let word = try type.string()
            guard !isSystem || word == "text" else {
                throw type.untranslatable("must be `text` in a system message.")
            }
            guard var block = try block(of: part, type: type, word: word) else { continue }
            if let control = part.member("cache_control") { block["cache_control"] = control.value }
            if part.member("prompt_cache_breakpoint") != nil { losses.add("messages.content.prompt_cache_breakpoint") }
            blocks.append(.object(block))
        }
        return blocks
    }

    private mutating func block(
        of part: RequestNode, type: RequestNode, word: String
    ) throws(GatewayFailure) -> JSONObject? {
        switch word {
        case "text":
            let text = try part.required("text").string()
            return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case "refusal":
            losses.add("messages.refusal")
            let text = try part.required("refusal").string()
            return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case "image_url":
            let image = try part.required("image_url")
            if let detail = image.member("detail"), try detail.string() != "auto" {
                losses.add("messages.image_url.detail")
            }
            return ["type": "image", "source": try imageSource(try image.required("url"))]
        case "file": return try document(try part.required("file"))
        default: throw type.untranslatable("is `\(word.shortened)`; Anthropic takes text, images and PDF files.")
        }
    }

    private func imageSource(_ url: RequestNode) throws(GatewayFailure) -> JSONValue {
        let text = try url.string()
        guard text.hasPrefix("data:") else { return ["type": "url", "url": .string(text)] }
        guard let data = DataURL(text) else { throw url.invalid("is not a data URL in base64.") }
        guard Self.imageTypes.contains(data.type) else {
            throw url.untranslatable(
                "is `\(data.type.shortened)`; Anthropic takes JPEG, PNG, GIF and WebP images.")
        }
        return ["type": "base64", "media_type": .string(data.type), "data": .string(data.base64)]
    }

    private mutating func document(_ file: RequestNode) throws(GatewayFailure) -> JSONObject {
        guard let content = file.member("file_data") else {
            throw file.untranslatable("must hold `file_data`: files kept at OpenAI cannot be read by Anthropic.")
        }
        guard let data = DataURL(try content.string()) else { throw content.invalid("is not a data URL in base64.") }
        guard data.type == "application/pdf" else {
            throw content.untranslatable("is `\(data.type.shortened)`; Anthropic takes PDF files.")
        }
        var block: JSONObject = [
            "type": "document",
            "source": ["type": "base64", "media_type": "application/pdf", "data": .string(data.base64)],
        ]
        if let name = file.member("filename") { block["title"] = .string(try name.string()) }
        return block
    }
}

/// The parts of `data:image/png;base64,…`.
struct DataURL {
    let type: String
    let base64: String

    /// Reads a data URL, or gives `nil` if it is none or not in base64.
    init?(_ text: String) {
        guard text.hasPrefix("data:"), let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let header = text[text.index(text.startIndex, offsetBy: 5)..<comma]
        guard header.hasSuffix(";base64") else { return nil }
        type = header.prefix { $0 != ";" }.lowercased()
        base64 = String(text[text.utf8.index(after: comma)...])
    }

    /// The text of a data URL.
    static func text(type: String, base64: String) -> String { "data:\(type);base64,\(base64)" }
}
