import Domain

/// Turns the content of a chat message into Anthropic's content blocks.
enum AnthropicContent {
    private static let imageTypes: Set = ["image/jpeg", "image/png", "image/gif", "image/webp"]

    /// The blocks of a text or a list of parts; empty texts, which Anthropic refuses, are left out.
    static func blocks(from content: JSONValue?) throws(ProviderFailure) -> [JSONValue] {
        switch content {
        case .string(let text): return text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        case .array(let parts):
            var blocks: [JSONValue] = []
            for part in parts { if let block = try block(from: part) { blocks.append(block) } }
            return blocks
        default: return []
        }
    }

    private static func block(from part: JSONValue) throws(ProviderFailure) -> JSONValue? {
        switch part["type"]?.string {
        case "text":
            guard let text = part["text"]?.string, !text.isEmpty else { return nil }
            return ["type": "text", "text": .string(text)]
        case "image_url":
            guard let url = part["image_url"]?["url"]?.string ?? part["image_url"]?.string else { return nil }
            return try image(url)
        default:
            guard let text = part.string else {
                let type = part["type"]?.string ?? part.kindName
                throw ProviderFailure(.misconfigured, "Anthropic takes no message part of type `\(type.prefix(40))`.")
            }
            return ["type": "text", "text": .string(text)]
        }
    }

    private static func image(_ url: String) throws(ProviderFailure) -> JSONValue {
        guard url.hasPrefix("data:") else { return ["type": "image", "source": ["type": "url", "url": .string(url)]] }
        guard let comma = url.firstIndex(of: ",") else {
            throw ProviderFailure(.misconfigured, "An image in the messages is not a valid data URL.")
        }
        let header = url[url.index(url.startIndex, offsetBy: 5)..<comma]
        let type = String(header.prefix { $0 != ";" })
        guard header.hasSuffix(";base64"), imageTypes.contains(type) else {
            throw ProviderFailure(
                .misconfigured, "Anthropic takes JPEG, PNG, GIF and WebP images in base64, not `\(type.prefix(40))`.")
        }
        return [
            "type": "image",
            "source": [
                "type": "base64", "media_type": .string(type), "data": .string(String(url[url.index(after: comma)...])),
            ],
        ]
    }
}
