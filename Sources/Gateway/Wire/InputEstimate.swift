import CYYJSON

/// Estimates the tokens of a request's input before it is sent, rather too high than too low.
///
/// All strings of the body count as text, keys and tool definitions included, at 3.2 bytes a token: English has about
/// four. Media in base64 count by what they are.
enum InputEstimate {
    static let tokensPerMessage = 8
    static let tokensPerImage = 1700
    /// Base64 bytes of audio per token: a token is a tenth of a second, which in a narrow codec is about this much.
    static let audioBytesPerToken = 128
    /// Base64 bytes of a document per token: providers read its text and a picture of each page.
    static let documentBytesPerToken = 8

    /// The estimate; what is met on the way is noted in `scan`.
    static func read(_ tree: borrowing JSONTree, into scan: inout RequestScan) -> Int {
        let nodes = tree.nodes
        var text = 0
        var media = 0
        var images = 0
        var kind = MediaKind.image
        var place = 0
        while place < nodes.count {
            defer { place += 1 }
            let node = JSONNode(nodes.baseAddress.map { $0 + place })
            guard yyjson_is_str(node.value) else {
                // A number may be a token of an input that is given as tokens.
                text += yyjson_is_num(node.value) ? 4 : 1
                continue
            }
            let bytes = node.bytes
            switch bytes.count {
            case 4 where bytes.isText("type") && place + 1 < nodes.count:
                guard let found = MediaKind(JSONNode(nodes.baseAddress.map { $0 + place + 1 })) else { break }
                kind = found
                switch found {
                case .image: images += 1
                case .audio: scan.hasAudio = true
                case .document: break
                }
            case 13 where bytes.isText("cache_control"): scan.cachesInput = true
            case 2 where bytes.isText("1h") && scan.cachesInput: scan.cachesInputLong = true
            case 256... where place > 0 && isMedia(bytes, under: JSONNode(nodes.baseAddress.map { $0 + place - 1 })):
                media += kind == .audio ? bytes.count / audioBytesPerToken : 0
                media += kind == .document ? max(bytes.count / documentBytesPerToken, tokensPerImage) : 0
                continue
            default: break
            }
            text += bytes.count + 1
        }
        scan.hasImages = images > 0
        let messages = tree.root[scan.operation == .responses ? "input" : "messages"].count
        return (text * 10 + 31) / 32 + messages * tokensPerMessage + images * tokensPerImage + media
    }

    private enum MediaKind {
        case image, audio, document

        init?(_ value: JSONNode) {
            let bytes = value.bytes
            switch bytes.count {
            case 5 where bytes.isText("image"), 9 where bytes.isText("image_url"), 11 where bytes.isText("input_image"):
                self = .image
            case 11 where bytes.isText("input_audio"): self = .audio
            case 4 where bytes.isText("file"), 8 where bytes.isText("document"), 10 where bytes.isText("input_file"):
                self = .document
            default: return nil
            }
        }
    }

    /// Whether a string is media in base64: by the key before it, since a client could call any text so.
    private static func isMedia(_ bytes: UnsafeRawBufferPointer, under key: JSONNode) -> Bool {
        if key.isString("data") { return true }
        guard bytes.hasPrefix("data:") else { return false }
        return key.isString("url") || key.isString("image_url") || key.isString("file_data")
    }
}
