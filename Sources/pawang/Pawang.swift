@main
struct Pawang {
    static func main() {}
}
