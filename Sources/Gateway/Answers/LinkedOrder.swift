/// Elements in order, where any can be moved to the end or taken out in constant time.
///
/// A doubly linked list whose places are indices of one array; places of elements that were taken out are used again.
struct LinkedOrder<Element: Sendable>: Sendable {
    /// Where an element is; good until the element is taken out.
    typealias Place = Int

    private struct Node {
        var element: Element?
        var previous: Int
        var next: Int
    }

    private static var nowhere: Int { -1 }

    private var nodes: [Node] = []
    private var free: [Int] = []
    private var head = Self.nowhere
    private var tail = Self.nowhere

    /// The first element.
    var first: Element? { head == Self.nowhere ? nil : nodes[head].element }

    /// Adds an element at the end.
    mutating func append(_ element: Element) -> Place {
        let node = Node(element: element, previous: tail, next: Self.nowhere)
        let place: Int
        if let reused = free.popLast() {
            place = reused
            nodes[place] = node
        } else {
            place = nodes.count
            nodes.append(node)
        }
        attach(place)
        return place
    }

    /// Moves an element to the end.
    mutating func moveToEnd(_ place: Place) {
        guard place != tail else { return }
        detach(place)
        nodes[place].previous = tail
        nodes[place].next = Self.nowhere
        attach(place)
    }

    /// Takes an element out.
    mutating func remove(_ place: Place) {
        detach(place)
        nodes[place].element = nil
        free.append(place)
    }

    private mutating func attach(_ place: Int) {
        if tail == Self.nowhere { head = place } else { nodes[tail].next = place }
        tail = place
    }

    private mutating func detach(_ place: Int) {
        let (previous, next) = (nodes[place].previous, nodes[place].next)
        if previous == Self.nowhere { head = next } else { nodes[previous].next = next }
        if next == Self.nowhere { tail = previous } else { nodes[next].previous = previous }
    }
}
