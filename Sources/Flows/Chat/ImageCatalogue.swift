import Domain
import Foundation
import Jinja

/// The images among a prompt's inputs.
///
/// In the rendered text each stands as a token that no input can guess.
struct ImageCatalogue: Sendable {
    private var parts: [String: JSONValue] = [:]
    private let directory: String
    private static let maximumBytes = 20 << 20

    init(directory: String) { self.directory = directory }

    var isEmpty: Bool { parts.isEmpty }

    /// The part of a message for a line that is an image's token.
    func part(for token: String) -> JSONValue? { parts[token] }

    /// `![image](token)` and tokens amid text, each on a line of its own.
    func separated(_ text: String) -> String {
        var text = text
        for token in parts.keys {
            text = text.replacing("![image](\(token))", with: "\n\(token)\n").replacing(
                "![image]( \(token) )", with: "\n\(token)\n")
        }
        return text
    }

    /// An input of a chat prompt: a list reads as lines, as prompt flow's chat inputs do.
    mutating func chatInput(_ value: JSONValue) throws(FlowFailure) -> TemplateValue {
        let converted = try templateValue(of: value)
        if case .list(let elements) = converted { return .lines(elements) }
        return converted
    }

    /// A value for a template in which images are tokens.
    private mutating func templateValue(of value: JSONValue) throws(FlowFailure) -> TemplateValue {
        switch value {
        case .array(let elements):
            var values: [TemplateValue] = []
            for element in elements { values.append(try templateValue(of: element)) }
            return .list(values)
        case .object(let object):
            if let image = try image(object) { return .string(image) }
            var pairs: [(key: String, value: TemplateValue)] = []
            for (key, member) in object { pairs.append((key, try templateValue(of: member))) }
            return .map(TemplateMap(pairs))
        default: return value.templateValue
        }
    }

    /// The token for an object like `{"data:image/png;path": "x.png"}`, or `nil` if it is no image.
    private mutating func image(_ object: JSONObject) throws(FlowFailure) -> String? {
        guard object.count == 1, let key = object.keys.first, key.hasPrefix("data:image/"),
            let separator = key.lastIndex(of: ";"), let text = object[key]?.string
        else { return nil }
        let mime = String(key[key.index(key.startIndex, offsetBy: 5)..<separator])
        let url: String
        switch key[key.index(after: separator)...] {
        case "url": url = text
        case "base64": url = "data:\(mime);base64,\(text)"
        case "path": url = "data:\(mime);base64,\(try read(text))"
        default: return nil
        }
        let token = "pawang-image-\(TraceIdentifier.span())"
        parts[token] = ["type": "image_url", "image_url": ["url": .string(url), "detail": "auto"]]
        return token
    }

    private func read(_ path: String) throws(FlowFailure) -> String {
        let full = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        guard let handle = FileHandle(forReadingAtPath: full),
            let data = try? handle.read(upToCount: Self.maximumBytes + 1)
        else {
            throw FlowFailure(
                "ImageNotFound", "the image `\(path)` cannot be read; paths are relative to the flow's folder")
        }
        guard data.count <= Self.maximumBytes else {
            throw FlowFailure("ImageTooLarge", "the image `\(path)` is larger than \(Self.maximumBytes >> 20) MiB")
        }
        return data.base64EncodedString()
    }
}
