/// Solves `survival(x) = target` for a decreasing function, by Newton steps kept inside a shrinking bracket.
///
/// `survival` must be continuous and decreasing on `bracket`, `density` minus its derivative. Ends when the step no
/// longer changes the value, at the latest after 200 rounds (bisection alone would need about 60).
func solveDecreasing(
    _ survival: (Double) -> Double, density: (Double) -> Double, target: Double, in bracket: ClosedRange<Double>,
    start: Double
) -> Double {
    var low = bracket.lowerBound
    var high = bracket.upperBound
    var x = min(max(start, low), high)
    for _ in 0..<200 {
        let error = survival(x) - target
        if error == 0 { return x }
        if error > 0 { low = x } else { high = x }
        let slope = density(x)
        var next = slope > 0 ? x + error / slope : .nan
        if !(next > low && next < high) { next = low + (high - low) / 2 }
        if abs(next - x) <= 4 * Double.ulpOfOne * abs(next) || next == low && next == high { return next }
        x = next
    }
    return x
}
