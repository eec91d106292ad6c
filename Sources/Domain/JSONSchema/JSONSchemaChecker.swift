/// Checks one value against a schema and gathers what is wrong.
struct JSONSchemaChecker {
    let schema: JSONSchema
    let limit: Int
    private(set) var violations: [JSONSchema.Violation] = []

    /// References may lead in circles; a value is checked this many schemas deep at most.
    private static let maximumDepth = 400

    init(schema: JSONSchema, limit: Int) {
        self.schema = schema
        self.limit = limit
    }

    private mutating func report(_ path: String, _ keyword: String, _ message: @autoclosure () -> String) {
        if violations.count < limit {
            violations.append(JSONSchema.Violation(path: path, keyword: keyword, message: message()))
        }
    }

    private func accepts(_ value: JSONValue, _ rule: JSONValue, path: String, depth: Int) -> Bool {
        var checker = JSONSchemaChecker(schema: schema, limit: 1)
        checker.check(value, against: rule, path: path, depth: depth)
        return checker.violations.isEmpty
    }

    mutating func check(_ value: JSONValue, against rule: JSONValue, path: String, depth: Int) {
        guard violations.count < limit else { return }
        guard depth < Self.maximumDepth else {
            return report(path, "$ref", "the schema's references lead deeper than \(Self.maximumDepth) schemas")
        }
        guard let keywords = rule.object else {
            if rule == .bool(false) { report(path, "false", "nothing is allowed here") }
            return
        }
        if let reference = keywords["$ref"]?.string, let target = schema.targets[reference] {
            check(value, against: target, path: path, depth: depth + 1)
            if schema.draft == .draft7 { return }
        }
        for (keyword, argument) in keywords {
            checkAnything(value, keyword, argument, keywords, path: path, depth: depth)
            switch value {
            case .int, .double: checkNumber(value, keyword, argument, path: path)
            case .string(let text): checkText(text, keyword, argument, path: path)
            case .array(let elements): checkList(elements, keyword, argument, keywords, path: path, depth: depth)
            case .object(let object): checkObject(object, keyword, argument, keywords, path: path, depth: depth)
            case .null, .bool: break
            }
        }
    }

    private mutating func checkAnything(
        _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ keywords: JSONObject, path: String, depth: Int
    ) {
        switch keyword {
        case "type":
            let names = (argument.array ?? [argument]).compactMap(\.string)
            if !names.contains(where: { Self.isKind(value, $0) }) {
                report(path, keyword, "must be \(names.joined(separator: " or ")), not \(Self.kind(of: value))")
            }
        case "enum":
            if !(argument.array ?? []).contains(where: { value.equalsAsJSON($0) }) {
                report(path, keyword, "must be one of \(argument.excerpt)")
            }
        case "const":
            if !value.equalsAsJSON(argument) { report(path, keyword, "must be \(argument.excerpt)") }
        case "allOf":
            for rule in argument.array ?? [] { check(value, against: rule, path: path, depth: depth + 1) }
        case "anyOf":
            let rules = argument.array ?? []
            if !rules.contains(where: { accepts(value, $0, path: path, depth: depth + 1) }) {
                report(path, keyword, "matches none of the \(rules.count) alternatives")
            }
        case "oneOf":
            let count = (argument.array ?? []).count { accepts(value, $0, path: path, depth: depth + 1) }
            if count != 1 { report(path, keyword, "must match exactly one alternative, but matches \(count)") }
        case "not":
            if accepts(value, argument, path: path, depth: depth + 1) {
                report(path, keyword, "is of a form that is not allowed")
            }
        case "if":
            let branch = accepts(value, argument, path: path, depth: depth + 1) ? "then" : "else"
            if let rule = keywords[branch] { check(value, against: rule, path: path, depth: depth + 1) }
        default: break
        }
    }

    private mutating func checkNumber(_ value: JSONValue, _ keyword: String, _ argument: JSONValue, path: String) {
        guard let limit = argument.double, let number = value.double else { return }
        switch keyword {
        case "minimum" where number < limit: report(path, keyword, "must be at least \(argument.text())")
        case "maximum" where number > limit: report(path, keyword, "must be at most \(argument.text())")
        case "exclusiveMinimum" where number <= limit: report(path, keyword, "must be above \(argument.text())")
        case "exclusiveMaximum" where number >= limit: report(path, keyword, "must be below \(argument.text())")
        case "multipleOf" where !Self.isMultiple(value, of: argument):
            report(path, keyword, "must be a multiple of \(argument.text())")
        default: break
        }
    }

    private mutating func checkText(_ text: String, _ keyword: String, _ argument: JSONValue, path: String) {
        switch keyword {
        case "minLength":
            if Double(text.unicodeScalars.count) < argument.double ?? 0 {
                report(path, keyword, "must have at least \(argument.text()) characters")
            }
        case "maxLength":
            if Double(text.unicodeScalars.count) > argument.double ?? .infinity {
                report(path, keyword, "must have at most \(argument.text()) characters")
            }
        case "pattern": if !matches(text, argument.string) { report(path, keyword, "must match \(argument.excerpt)") }
        default: break
        }
    }

    private mutating func checkList(
        _ elements: [JSONValue], _ keyword: String, _ argument: JSONValue, _ keywords: JSONObject, path: String,
        depth: Int
    ) {
        switch keyword {
        case "minItems":
            if Double(elements.count) < argument.double ?? 0 {
                report(path, keyword, "must have at least \(argument.text()) items")
            }
        case "maxItems":
            if Double(elements.count) > argument.double ?? .infinity {
                report(path, keyword, "must have at most \(argument.text()) items")
            }
        case "uniqueItems" where argument == .bool(true):
            if elements.hasRepeatsAsJSON { report(path, keyword, "must not have equal items") }
        case "prefixItems": check(elements, eachAgainst: argument.array ?? [], path: path, depth: depth)
        case "items":
            if let rules = argument.array { return check(elements, eachAgainst: rules, path: path, depth: depth) }
            let first = schema.draft == .draft7 ? 0 : keywords["prefixItems"]?.array?.count ?? 0
            checkRest(elements, from: first, against: argument, path: path, depth: depth)
        case "additionalItems":
            guard schema.draft == .draft7, let rules = keywords["items"]?.array else { return }
            checkRest(elements, from: rules.count, against: argument, path: path, depth: depth)
        case "contains":
            let count = Double(elements.count { accepts($0, argument, path: path, depth: depth + 1) })
            let isNew = schema.draft == .draft2020
            let least = isNew ? keywords["minContains"]?.double ?? 1 : 1
            if count < least { report(path, keyword, "must contain at least \(Int(least)) matching items") }
            if isNew, let most = keywords["maxContains"]?.double, count > most {
                report(path, "maxContains", "must contain at most \(Int(most)) matching items")
            }
        default: break
        }
    }

    private mutating func check(_ elements: [JSONValue], eachAgainst rules: [JSONValue], path: String, depth: Int) {
        for (place, (element, rule)) in zip(elements, rules).enumerated() {
            check(element, against: rule, path: "\(path)/\(place)", depth: depth + 1)
        }
    }

    private mutating func checkRest(
        _ elements: [JSONValue], from first: Int, against rule: JSONValue, path: String, depth: Int
    ) {
        for (place, element) in elements.enumerated().dropFirst(first) {
            check(element, against: rule, path: "\(path)/\(place)", depth: depth + 1)
        }
    }

    private mutating func checkObject(
        _ object: JSONObject, _ keyword: String, _ argument: JSONValue, _ keywords: JSONObject, path: String, depth: Int
    ) {
        switch keyword {
        case "minProperties":
            if Double(object.count) < argument.double ?? 0 {
                report(path, keyword, "must have at least \(argument.text()) members")
            }
        case "maxProperties":
            if Double(object.count) > argument.double ?? .infinity {
                report(path, keyword, "must have at most \(argument.text()) members")
            }
        case "required": require(argument, of: object, keyword, path: path)
        case "properties":
            for (name, rule) in argument.object ?? [:] {
                if let member = object[name] {
                    check(member, against: rule, path: path.appending(name), depth: depth + 1)
                }
            }
        case "patternProperties":
            for (pattern, rule) in argument.object ?? [:] {
                for (name, member) in object where matches(name, pattern) {
                    check(member, against: rule, path: path.appending(name), depth: depth + 1)
                }
            }
        case "additionalProperties":
            let known = keywords["properties"]?.object ?? [:]
            let patterns = keywords["patternProperties"]?.object?.keys ?? []
            for (name, member) in object where !known.contains(name) && !patterns.contains(where: { matches(name, $0) })
            {
                if argument == .bool(false) {
                    report(path.appending(name), keyword, "`\(name)` is not a known member")
                } else {
                    check(member, against: argument, path: path.appending(name), depth: depth + 1)
                }
            }
        case "propertyNames":
            for name in object.keys {
                check(.string(name), against: argument, path: path.appending(name), depth: depth + 1)
            }
        case "dependentRequired", "dependentSchemas", "dependencies":
            for (name, rule) in argument.object ?? [:] where object.contains(name) {
                if rule.array != nil {
                    require(rule, of: object, keyword, path: path)
                } else {
                    check(.object(object), against: rule, path: path, depth: depth + 1)
                }
            }
        default: break
        }
    }

    private mutating func require(_ names: JSONValue, of object: JSONObject, _ keyword: String, path: String) {
        for name in names.array ?? [] {
            if let name = name.string, !object.contains(name) { report(path, keyword, "`\(name)` is missing") }
        }
    }

    private func matches(_ text: String, _ pattern: String?) -> Bool {
        guard let pattern, let compiled = schema.patterns[pattern] else { return false }
        if case .match = compiled.search(text) { return true }
        return false
    }
}
