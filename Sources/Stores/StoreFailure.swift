package import Domain

/// The database cannot do what was asked; the message says what to do.
package struct StoreFailure: Failure, Equatable {
    /// What went wrong, for who can do something about it.
    package enum Kind: Sendable, Equatable {
        /// It cannot be opened or reached, or the connection was lost.
        case unavailable
        /// The connection was lost while committing: nobody knows whether it was.
        case uncertain
        /// Another process, or another transaction, is in the way.
        case busy
        /// There is no room.
        case full
        case readOnly
        /// What is there is no database of ours, or it is damaged.
        case damaged
        /// It was written by a newer Pawang.
        case newer
        /// A key is taken, or what is referred to is not there.
        case conflict
        /// A value that the database cannot keep.
        case value
        /// The statement took longer than it may.
        case timeout
        case other
    }

    package let kind: Kind
    package let message: String
    package var code: String { "StoreFailed" }
    package var blame: Blame { .environment }

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    init(_ message: String) { self.init(.other, message) }
}
