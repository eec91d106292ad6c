import Testing

@testable import Domain

@Suite("JSON objects")
struct JSONObjectTests {
    private func object(_ count: Int) -> JSONObject { JSONObject((0..<count).map { ("key \($0)", .int($0)) }) }

    @Test("Small and large objects find, replace and keep the order of their members", arguments: [3, 12, 13, 500])
    func members(count: Int) {
        var object = object(count)
        for place in 0..<count { #expect(object["key \(place)"] == .int(place)) }
        #expect(object["key \(count)"] == nil)
        object["key 1"] = "new"
        #expect(object.count == count)
        #expect(object.keys[1] == "key 1")
        #expect(object["key 1"] == "new")
    }

    @Test("Removal leaves every other member where it can be found", arguments: [3, 13, 14, 100])
    func removal(count: Int) {
        for removed in 0..<count {
            var object = object(count)
            object["key \(removed)"] = nil
            #expect(object.count == count - 1)
            #expect(!object.contains("key \(removed)"))
            for place in 0..<count where place != removed { #expect(object["key \(place)"] == .int(place)) }
            object["key \(removed)"] = "again"
            #expect(object.keys.last == "key \(removed)")
        }
    }

    @Test("The order of members does not count for equality, their values do", arguments: [3, 40])
    func equality(count: Int) {
        let object = object(count)
        let reversed = JSONObject(Array(object).reversed())
        #expect(object == reversed)
        #expect(object.hashValue == reversed.hashValue)
        var other = reversed
        other["key 0"] = "changed"
        #expect(object != other)
        other["key 0"] = nil
        #expect(object != other)
        other["another"] = 0
        #expect(object != other)
    }

    @Test("é as one scalar and as two are two keys, as in Python", arguments: [0, 40])
    func canonicalEquivalents(others: Int) throws {
        var object = object(others)
        object["\u{E9}"] = 1
        object["e\u{301}"] = 2
        #expect(object.count == others + 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        let read = try JSONValue(parsing: JSONValue.object(object).text()).object
        #expect(read?.count == others + 2)
        object["\u{E9}"] = nil
        #expect(object["e\u{301}"] == 2)
    }

    @Test("Texts are equal only if their scalars are")
    func texts() {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(JSONValue.object(["\u{E9}": 1]) != .object(["e\u{301}": 1]))
        #expect(Set<JSONValue>(["\u{E9}", "e\u{301}", "\u{E9}"]).count == 2)
        #expect(Digest(of: JSONValue.object(["\u{E9}": 1])) != Digest(of: JSONValue.object(["e\u{301}": 1])))
    }

    @Test("Kinds do not run into each other: 1, 1.0, true and \"1\" are four values")
    func kinds() {
        #expect(Set<JSONValue>([1, 1.0, true, "1", nil, [], [:]]).count == 7)
    }

    @Test("Merging replaces what is there and adds the rest at the end")
    func merge() {
        var object: JSONObject = ["a": 1, "b": 2]
        object.merge(["b": 3, "c": 4])
        #expect(JSONValue.object(object).text() == #"{"a":1,"b":3,"c":4}"#)
    }
}
