package import Domain

/// A connection as somebody wrote it: values may still refer to variables and files.
package struct ConnectionDeclaration: Sendable {
    /// A value and where it was written.
    package struct Field: Sendable {
        /// Kept as a secret whatever it is: a key may stand in it as it is written.
        package var value: Secret
        package var location: SourceLocation?

        package init(_ value: String, at location: SourceLocation? = nil) {
            self.value = Secret(value)
            self.location = location
        }
    }

    package var name: String
    package var type: ConnectionType
    /// Plain values and secrets by name, before references are followed.
    package var fields: [String: Field]
    /// Names in `fields` that were declared as secrets (prompt flow's `secrets`).
    package var declaredSecrets: Set<String>
    /// The folder that `${file:…}` and relative `path` values start from.
    package var directory: String

    /// A connection declared elsewhere, such as in an experiment.
    ///
    /// Throws if the type's word is unknown.
    package init(
        name: String, typeWord: String, fields: [String: Field], declaredSecrets: Set<String> = [], directory: String,
        location: SourceLocation? = nil
    ) throws {
        guard let type = ConnectionSchema.type(for: typeWord) else {
            throw PlainFailure(
                "ConnectionInvalid",
                (location.map { "\($0): " } ?? "")
                    + "connection `\(name)` has the unknown type `\(typeWord.prefix(60))`"
                    + NearestName.hint(for: typeWord, among: ConnectionSchema.knownTypes))
        }
        self.init(name: name, type: type, fields: fields, declaredSecrets: declaredSecrets, directory: directory)
    }

    init(
        name: String, type: ConnectionType, fields: [String: Field], declaredSecrets: Set<String> = [],
        directory: String
    ) {
        self.name = name
        self.type = type
        self.fields = fields
        self.declaredSecrets = declaredSecrets
        self.directory = directory
    }
}
