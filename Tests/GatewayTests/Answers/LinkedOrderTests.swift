import Testing

@testable import Gateway

@Suite("Elements in order of use")
struct LinkedOrderTests {
    @Test("Any sequence of changes leaves the same order as in a plain list")
    func oracle() {
        var random = SeededRandom(3)
        var order = LinkedOrder<Int>()
        var list: [(element: Int, place: Int)] = []
        for element in 0..<3000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1: list.append((element, order.append(element)))
            case 2 where !list.isEmpty:
                let index = Int.random(in: 0..<list.count, using: &random)
                let moved = list.remove(at: index)
                order.moveToEnd(moved.place)
                list.append(moved)
            default:
                guard !list.isEmpty else { continue }
                order.remove(list.remove(at: Int.random(in: 0..<list.count, using: &random)).place)
            }
            #expect(order.first == list.first?.element)
        }
        for (element, place) in list {
            #expect(order.first == element)
            order.remove(place)
        }
        #expect(order.first == nil)
    }
}
