import Domain
import Testing

@testable import Flows

@Suite("Values become what an input's type asks for")
struct ValueTypeTests {
    private static let fitsTable: [(ValueType, JSONValue, JSONValue)] = [
        (.int, "3", 3), (.int, " -3 ", -3), (.int, "1_000", 1000), (.int, 3.9, 3), (.int, -3.9, -3),
        (.int, true, 1), (.double, "2.5", 2.5), (.double, 3, 3.0), (.double, "1e3", 1000.0), (.double, false, 0.0),
        (.double, "inf", .double(.infinity)), (.bool, true, true), (.bool, "True", true), (.bool, "FALSE", false),
        (.string, 4, "4"), (.string, 1.0, "1.0"), (.string, true, "True"), (.string, nil, "None"),
        (.string, ["a", 1, nil], "['a', 1, None]"), (.string, ["k": 1.5], "{'k': 1.5}"), (.string, "x", "x"),
        (.list, [1], [1]), (.list, "[1, \"a\"]", [1, "a"]), (.list, " [] ", []),
        (.object, ["a": 1], ["a": 1]), (.object, "{\"a\": 1}", ["a": 1]), (.object, "[1]", [1]),
        (.object, "no json", "no json"),
        (.object, 3, 3), (.image, ["data:image/png;path": "x"], ["data:image/png;path": "x"]), (.secret, 5, 5),
    ]

    @Test("A value that fits is turned into the type as Python would", arguments: fitsTable)
    func fits(_ type: ValueType, _ value: JSONValue, _ expected: JSONValue) throws {
        let found = try type.coerce(value)
        #expect(found == expected)
        // 3 and 3.0 are equal as numbers, but not the same value.
        #expect(found.kindName == expected.kindName)
    }

    private static let doesNotFitTable: [(ValueType, JSONValue)] = [
        (.int, "hello"), (.int, "3.5"), (.int, nil), (.int, [1]), (.int, .double(.nan)),
        (.int, .double(.infinity)), (.int, 1e300), (.int, "99999999999999999999"), (.int, ""), (.double, "x"),
        (.double, "0x10"),
        (.double, nil), (.double, []), (.bool, 1), (.bool, "yes"), (.bool, ""), (.list, "{}"), (.list, "3"), (.list, 3),
        (.list, nil),
    ]

    @Test("A value that does not fit is refused", arguments: doesNotFitTable)
    func doesNotFit(_ type: ValueType, _ value: JSONValue) {
        #expect(throws: ValueType.Mismatch.self) { try type.coerce(value) }
    }

    @Test("A list that is no JSON says so, rather than that the type is wrong")
    func listWithoutJSON() {
        do {
            _ = try ValueType.list.coerce("xx")
            Issue.record("must be refused")
        } catch {
            guard case .json = error else {
                Issue.record("wrong reason: \(error)")
                return
            }
        }
    }
}

@Suite("Inputs of a line")
struct FlowInputsTests {
    private func inputs(_ yaml: String) throws -> FlowInputs {
        FlowInputs(declared: try FlowFolder.definition("inputs: \(yaml)\nnodes: []\n").inputs)
    }

    @Test("A default is used only where the input is absent, and null is no default")
    func defaults() throws {
        let inputs = try inputs("{a: {type: int, default: '7'}, b: {type: string, default: null}}")
        #expect(try inputs.resolve(["b": "x"], lineNumber: nil) == ["a": 7, "b": "x"])
        #expect(try inputs.resolve(["a": 1, "b": "x"], lineNumber: nil) == ["a": 1, "b": "x"])
        let failure = #expect(throws: FlowFailure.self) { try inputs.resolve(["a": 1], lineNumber: 4) }
        #expect(failure?.code == "InputNotFound")
        #expect(failure?.message.contains("in line 4 of input data") == true)
    }

    @Test("Inputs that the flow does not declare pass through")
    func extras() throws {
        #expect(try inputs("{}").resolve(["other": [1]], lineNumber: 0) == ["other": [1]])
    }

    @Test("A value of the wrong type is named with its line, and never shown")
    func wrongType() throws {
        let failure = #expect(throws: FlowFailure.self) {
            try inputs("{num: {type: int}}").resolve(["num": "hush-value"], lineNumber: 2)
        }
        #expect(failure?.code == "InputTypeError")
        #expect(
            failure?.message.contains("'num' in line 2 of input data does not match the expected type 'int'") == true)
        #expect(failure?.message.contains("hush-value") == false)
    }
}
