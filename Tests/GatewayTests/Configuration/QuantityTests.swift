import Testing

@testable import Gateway

@Suite("Amounts with units")
struct QuantityTests {
    @Test(
        "Times are a whole number and a unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("10m", .seconds(600)),
            ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("0s", .zero), ("5 s", .seconds(5)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(Quantity.duration(text) == duration)
        #expect(Quantity.duration(Quantity.text(of: duration)) == duration)
    }

    @Test(
        "What is no time is none",
        arguments: [
            "", "30", "s", "1.5s", "-1s", "+1s", "1min", "1S", "30ss", "1h30m", "99999999999999999999s", "999999999d",
            "٣s",
        ])
    func wrongDurations(text: String) {
        #expect(Quantity.duration(text) == nil)
    }

    @Test(
        "Money is read exactly into nano-dollars",
        arguments: [
            ("200 USD", 200_000_000_000), ("0.05 USD", 50_000_000), ("0.000000001 USD", 1), ("1USD", 1_000_000_000),
            ("0 USD", 0), ("9223372036.854775807 USD", Int.max), ("0.1 USD", 100_000_000),
        ])
    func money(text: String, nano: Int) {
        #expect(Quantity.nanoUSD(text) == nano)
        #expect(Quantity.nanoUSD(Quantity.text(ofNanoUSD: nano)) == nano)
    }

    @Test(
        "What is no amount of dollars is none",
        arguments: [
            "200", "200 EUR", "-1 USD", "1,000 USD", "1. USD", ".5 USD", "0.0000000001 USD", "9223372036.854775808 USD",
            "1e3 USD", "", "USD", "1.2.3 USD", "99999999999999999999 USD", "0x10 USD",
        ])
    func wrongMoney(text: String) {
        #expect(Quantity.nanoUSD(text) == nil)
    }

    @Test("Sizes are binary", arguments: [("32MiB", 32 << 20), ("1GiB", 1 << 30), ("512KiB", 512 << 10), ("7B", 7)])
    func sizes(text: String, bytes: Int) {
        #expect(Quantity.bytes(text) == bytes)
        #expect(Quantity.text(ofBytes: bytes) == text)
    }

    @Test("What is no size is none", arguments: ["32", "32MB", "32 mib", "-1B", "99999999999GiB", "1.5MiB"])
    func wrongSizes(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }

    @Test("Shares are per cents up to a hundred")
    func shares() {
        #expect(Quantity.share("20%") == 0.2)
        #expect(Quantity.share("12.5%") == 0.125)
        #expect(Quantity.share("100%") == 1 && Quantity.share("0%") == 0)
        for text in ["101%", "0.2", "20", "-1%", "%"] { #expect(Quantity.share(text) == nil) }
        #expect(Quantity.text(ofShare: 0.2) == "20%" && Quantity.text(ofShare: 0.125) == "12.5%")
    }
}
