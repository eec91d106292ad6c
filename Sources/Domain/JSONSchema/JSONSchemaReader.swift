import Foundation

/// Walks a schema once: refuses what cannot be honoured, compiles patterns and finds what references lead to.
struct JSONSchemaReader {
    let document: JSONValue
    let draft: JSONSchema.Draft
    private(set) var patterns: [String: BoundedPattern] = [:]
    private(set) var targets: [String: JSONValue] = [:]
    private var anchors: [String: JSONValue] = [:]
    private var references: [(text: String, path: String)] = []
    private var seen: Set<String> = []

    init(document: JSONValue, draft: JSONSchema.Draft) {
        self.document = document
        self.draft = draft
    }

    mutating func read() throws(JSONSchema.Problem) {
        try read(document, path: "")
        // A reference may lead to a place that is no schema position of its own, such as `#/definitions/x` in draft
        // 2020-12: what it leads to is read as a schema too, which may bring further references.
        while let reference = references.popLast() {
            guard targets[reference.text] == nil else { continue }
            guard let target = resolve(reference.text) else {
                throw JSONSchema.Problem(
                    path: reference.path, problem: "`\(reference.text)` leads nowhere in this document")
            }
            targets[reference.text] = target
            let path = reference.text.hasPrefix("#/") ? String(reference.text.dropFirst()) : reference.path
            if !seen.contains(path) { try read(target, path: path) }
        }
    }

    private static let counts: Set = [
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
        "maxContains",
    ]
    private static let numbers: Set = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    private static let single: Set = [
        "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "additionalItems",
    ]
    private static let lists: Set = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let maps: Set = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]
    private static let annotations: Set = [
        "$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
        "format", "contentEncoding", "contentMediaType", "contentSchema", "const", "$vocabulary",
    ]
    private static let kinds: Set = ["null", "boolean", "integer", "number", "string", "array", "object"]

    private mutating func read(_ schema: JSONValue, path: String) throws(JSONSchema.Problem) {
        guard seen.insert(path).inserted else { return }
        guard path.utf8.count < 4096 else {
            throw JSONSchema.Problem(path: path, problem: "schemas are nested too deeply")
        }
        if case .bool = schema { return }
        guard let object = schema.object else {
            throw JSONSchema.Problem(
                path: path, problem: "a schema is an object or a truth value, not a \(schema.kindName)")
        }
        // In draft 7 a reference makes its siblings void.
        if draft == .draft7, let reference = object["$ref"] {
            try refer(reference, path: path + "/$ref")
            for key in ["definitions", "$defs"] {
                if let value = object[key] { try read(keyword: key, value, path: path + "/" + key) }
            }
            return
        }
        for (key, value) in object { try read(keyword: key, value, path: path + "/" + Self.escaped(key)) }
    }

    private mutating func read(keyword: String, _ value: JSONValue, path: String) throws(JSONSchema.Problem) {
        func require(_ condition: Bool, _ what: String) throws(JSONSchema.Problem) {
            guard condition else { throw JSONSchema.Problem(path: path, problem: "`\(keyword)` must be \(what)") }
        }
        switch keyword {
        case "$ref": try refer(value, path: path)
        case "$anchor":
            guard let name = value.string else { return try require(false, "a string") }
            anchors[name] = parent(of: path)
        case "$id", "id":
            try require(keyword == "id" || path == "/$id", "at the top only: schemas inside schemas cannot be named")
        case "type":
            let names = value.array ?? [value]
            for name in names {
                try require(name.string.map(Self.kinds.contains) ?? false, "the name of a JSON type, or several")
            }
        case "enum": try require(value.array != nil, "a list")
        case "required": try require(value.array?.allSatisfy { $0.string != nil } ?? false, "a list of strings")
        case "uniqueItems": try require(value.bool != nil, "true or false")
        case "multipleOf": try require(value.double.map { $0 > 0 } ?? false, "a number above 0")
        case "pattern": try compile(value, path: path)
        case "dependentRequired":
            try require(value.object?.values.allSatisfy { $0.array != nil } ?? false, "an object of lists")
        case "dependencies":
            guard let members = value.object else { return try require(false, "an object") }
            for (name, member) in members where member.array == nil {
                try read(member, path: path + "/" + Self.escaped(name))
            }
        case "items":
            if let elements = value.array {
                try require(draft == .draft7, "one schema; a list of schemas is `prefixItems` since draft 2020-12")
                for (place, element) in elements.enumerated() { try read(element, path: "\(path)/\(place)") }
            } else {
                try read(value, path: path)
            }
        case _ where Self.counts.contains(keyword):
            try require(value.double.map { $0 >= 0 && $0 == $0.rounded() } ?? false, "a whole number from 0")
        case _ where Self.numbers.contains(keyword): try require(value.double != nil, "a number")
        case _ where Self.single.contains(keyword): try read(value, path: path)
        case _ where Self.lists.contains(keyword):
            guard let elements = value.array, !elements.isEmpty else { return try require(false, "a list of schemas") }
            for (place, element) in elements.enumerated() { try read(element, path: "\(path)/\(place)") }
        case _ where Self.maps.contains(keyword):
            guard let members = value.object else { return try require(false, "an object of schemas") }
            for (name, member) in members {
                if keyword == "patternProperties" { try compile(.string(name), path: path) }
                try read(member, path: path + "/" + Self.escaped(name))
            }
        case "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor", "$recursiveRef":
            throw JSONSchema.Problem(path: path, problem: "unsupported keyword `\(keyword)`")
        default: break
        }
    }

    private mutating func refer(_ value: JSONValue, path: String) throws(JSONSchema.Problem) {
        guard let text = value.string, text.hasPrefix("#") else {
            throw JSONSchema.Problem(
                path: path, problem: "`$ref` must lead to a place in this document and begin with `#`")
        }
        references.append((text, path))
    }

    private mutating func compile(_ value: JSONValue, path: String) throws(JSONSchema.Problem) {
        guard let text = value.string else {
            throw JSONSchema.Problem(path: path, problem: "a pattern must be a string")
        }
        guard patterns[text] == nil else { return }
        guard let pattern = BoundedPattern(text) else {
            throw JSONSchema.Problem(path: path, problem: "`\(text)` is not a regular expression")
        }
        patterns[text] = pattern
    }

    private func parent(of path: String) -> JSONValue? {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).flatMap { resolve("#" + path[..<$0]) }
    }

    /// What a JSON Pointer fragment or anchor leads to.
    private func resolve(_ reference: String) -> JSONValue? {
        let fragment = reference.dropFirst()
        guard !fragment.isEmpty else { return document }
        guard fragment.hasPrefix("/") else { return anchors[String(fragment)] }
        var value = document
        for part in fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = (part.removingPercentEncoding ?? String(part))
                .replacing("~1", with: "/").replacing("~0", with: "~")
            if let elements = value.array {
                guard let place = Int(name), elements.indices.contains(place) else { return nil }
                value = elements[place]
            } else {
                guard let member = value[name] else { return nil }
                value = member
            }
        }
        return value
    }

    /// A key as part of a JSON Pointer.
    static func escaped(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "~") }) else { return key }
        return key.replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
