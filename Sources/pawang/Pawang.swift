import App

@main
enum Pawang {
    static func main() async {
        await PawangCommand.start()
    }
}
