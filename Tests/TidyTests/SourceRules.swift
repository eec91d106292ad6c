/// Words that must not stand in the product's Swift code, each with the reason.
enum ForbiddenWord {
    static let reasons: [(word: String, reason: String)] = [
        ("try!", "an error that was not thought of would end the whole process; handle it or throw it"),
        ("as!", "a type that was not thought of would end the whole process; use `as?` and say what to do otherwise"),
        ("@unchecked Sendable", "the compiler then checks no data race of this type; use an actor, a Mutex or a value"),
        ("nonisolated(unsafe)", "the compiler then checks no data race of this variable; use a Mutex"),
        ("Task.detached", "it outlives the caller and loses priority and task-local values; use a child task"),
        ("fatalError(", "it ends the whole process; throw, or use `precondition` for a programmer's mistake"),
        ("TODO", "unfinished work belongs into an issue, not into the code"),
        ("FIXME", "unfinished work belongs into an issue, not into the code"),
        ("public ", "there is one package: `package` is what another target may use"),
        ("open class", "there is one package: `package` is what another target may use"),
    ]

    /// Where a file uses one of them.
    ///
    /// What stands inside a string literal of one line is no use.
    static func violations(in file: SourceFile) -> [Violation] {
        file.codeLines.enumerated().flatMap { index, line -> [Violation] in
            let code = withoutStrings(line)
            // The word is ordinary English in a comment, as in "a public name".
            let statement = code.prefix(upTo: code.firstRange(of: "//")?.lowerBound ?? code.endIndex)
            return reasons.filter { stands($0.word, in: $0.word == "public " ? String(statement) : code) }.map {
                Violation(place: "\(file.path):\(index + 1)", reason: "`\($0.word)`: \($0.reason)")
            }
        }
    }

    /// Whether the word stands on its own: `alas!` is not `as!`.
    private static func stands(_ word: String, in code: String) -> Bool {
        code.ranges(of: word).contains { range in
            range.lowerBound == code.startIndex || !isWordCharacter(code[code.index(before: range.lowerBound)])
        }
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private static func withoutStrings(_ line: Substring) -> String {
        var code = ""
        var isInside = false
        var isEscaped = false
        for character in line {
            if isInside {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInside = false
                }
            } else if character == "\"" {
                isInside = true
            } else {
                code.append(character)
            }
        }
        return code
    }
}

/// Bounds on sizes, each with the reason.
enum SizeRule {
    static let longestFile = 500
    /// Files that may be longer, with the reason.
    ///
    /// A second thing in the file is no reason.
    static let longFiles: [String: String] = [
        "Sources/TextMetrics/Tokenizers/PunktEnglish.swift": "data: the English parameters of NLTK's sentence splitter"
    ]
    static let longestReadme = 40
    static let largestDomain = 1_250
    /// Parts of Domain that its bound does not count: readers of JSON and YAML and a schema validator, which happen to live
    /// there because every slice needs them, and which no slice changes.
    static let notCountedInDomain = ["Sources/Domain/JSON/", "Sources/Domain/JSONSchema/", "Sources/Domain/YAML/"]
    /// Targets without a README, with the reason.
    static let withoutReadme: [String: String] = [
        "pawang": "three lines of code", "CYYJSON": "vendored; LICENSE and the header say all",
        "CPostgreSQL": "the system's libpq, and nothing of ours", "CZlib": "the system's zlib, and nothing of ours",
        "CAssets": "data only; each folder of it says what it holds",
    ]

    static func violation(ofLength file: SourceFile) -> Violation? {
        let count = lineCount(file.text)
        guard count > longestFile, longFiles[file.path] == nil else { return nil }
        return Violation(
            place: file.path,
            reason: "\(count) lines, more than \(longestFile): look for the second thing in there and give it a file")
    }

    static func violation(ofReadme text: String?, target: String) -> Violation? {
        let place = "Sources/\(target)/README.md"
        guard let text else {
            return withoutReadme[target] != nil
                ? nil
                : Violation(place: place, reason: "missing: say what it is, its words, the way through, how to add one")
        }
        let count = lineCount(text)
        if count > longestReadme {
            return Violation(
                place: place, reason: "\(count) lines, more than \(longestReadme): the rest belongs into docs/")
        }
        return text.split(separator: "\n").count < 3
            ? Violation(
                place: place, reason: "says nothing yet: what it is, its words, the way through, how to add one") : nil
    }

    /// Lines of Domain that count for its bound.
    static func domainLines(_ files: [SourceFile]) -> Int {
        files.filter { file in file.target == "Domain" && !notCountedInDomain.contains { file.path.hasPrefix($0) } }
            .reduce(0) { $0 + lineCount($1.text) }
    }

    static func lineCount(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
}
