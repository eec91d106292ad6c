extension RequestScan {
    private static let maximumMetadata = 64
    private static let maximumTextBytes = 512

    mutating func read(_ tree: borrowing JSONTree, of body: UnsafeRawBufferPointer) throws(GatewayFailure) {
        var reader = MemberReader(body: body)
        let pathModel = model
        let root = tree.root
        places.firstMember = JSONText.firstMemberPlace(body)
        places.hasMembers = root.count > 0
        for (key, value) in root.members {
            guard let member = RequestMember(key) else { continue }
            try reader.refuseRepeated(member)
            try read(member, value, at: tree.offset(of: key) ?? 0, &reader)
        }
        if !pathModel.isEmpty { model = pathModel }
        try readStreamOptions(root, tree, body)
        estimatedInputTokens = InputEstimate.read(tree, into: &self)
    }

    private mutating func read(
        _ member: RequestMember, _ value: JSONNode, at place: Int, _ reader: inout MemberReader
    ) throws(GatewayFailure) {
        switch member {
        case .model:
            places.model = JSONText.valueRange(reader.body, keyAt: place)
            model = try reader.text(value, .model) ?? ""
        case .stream: isStream = try reader.flag(value, .stream) ?? false
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens, .nPredict:
            guard member.limits(operation) else { return }
            let tokens = try reader.number(value, member, atLeast: 0)
            let range = JSONText.valueRange(reader.body, keyAt: place)
            places.limits.append(RequestPlaces.Limit(value: range, tokens: tokens))
            if let tokens { maximumOutputTokens = max(maximumOutputTokens ?? 0, tokens) }
        case .n: choices = try reader.number(value, .n, atLeast: 1) ?? 1
        case .user, .safetyIdentifier:
            if let text = Self.bounded(value) { user = member == .safetyIdentifier ? text : user ?? text }
        case .metadata: readMetadata(value)
        case .encodingFormat: encodingFormat = try reader.text(value, .encodingFormat)
        case .serviceTier: serviceTier = try reader.text(value, .serviceTier)
        case .tools, .functions:
            hasTools = hasTools || value.count > 0
            readSearches(value)
        case .modalities: hasAudio = hasAudio || value.elements.contains { $0.isString("audio") }
        case .previousResponse, .conversation: hasStoredInput = hasStoredInput || value.isGiven
        case .input: try readInput(value)
        case .messages:
            guard value.isArray else { throw MemberReader.wrong(.messages, value, "an array") }
        case .streamOptions: places.streamOptions = JSONText.valueRange(reader.body, keyAt: place)
        }
    }

    private mutating func readMetadata(_ value: JSONNode) {
        for (key, value) in value.members {
            guard metadata.count < Self.maximumMetadata else { return }
            guard let name = Self.bounded(key), let text = Self.bounded(value) else { continue }
            metadata[name] = text
            if operation.dialect == .anthropic, name == "user_id" { user = text }
        }
    }

    private mutating func readSearches(_ tools: JSONNode) {
        guard operation == .messages else { return }
        for tool in tools.elements where tool["type"].bytes.hasPrefix("web_search_") {
            maximumSearches += min(max(tool["max_uses"].int ?? 10, 0), 1000)
        }
    }

    private mutating func readInput(_ value: JSONNode) throws(GatewayFailure) {
        guard operation == .embeddings else { return }
        guard value.isString || value.isArray else {
            throw MemberReader.wrong(.input, value, "a string or an array")
        }
        // A single list of tokens is one input.
        inputs = value.isArray && value.first.int == nil ? value.count : 1
    }

    private mutating func readStreamOptions(
        _ root: JSONNode, _ tree: borrowing JSONTree, _ body: UnsafeRawBufferPointer
    ) throws(GatewayFailure) {
        let options = root["stream_options"]
        guard options.isGiven else { return }
        guard options.isObject else { throw MemberReader.wrong(.streamOptions, options, "an object") }
        places.hasStreamOptions = true
        places.streamOptionsAreEmpty = options.count == 0
        for (key, value) in options.members where key.isString("include_usage") {
            guard places.includeUsage == nil else {
                throw GatewayFailure(
                    .invalidRequest, "`stream_options.include_usage` is given more than once.",
                    parameter: "stream_options")
            }
            guard value.isNull || value.bool != nil else {
                throw GatewayFailure(
                    .invalidRequest, "`stream_options.include_usage` must be true or false.",
                    parameter: "stream_options")
            }
            places.includeUsage = JSONText.valueRange(body, keyAt: tree.offset(of: key) ?? 0)
            wantsStreamUsage = value.bool ?? false
        }
    }

    private static func bounded(_ node: JSONNode) -> String? {
        node.bytes.count <= maximumTextBytes && !node.bytes.isEmpty ? node.string : nil
    }
}
