/// How a template is read, and how much one rendering may cost.
package struct TemplateOptions: Sendable, Equatable {
    /// Drops the newline right after a tag or a comment.
    package var trimsBlocks = true
    /// Drops the spaces before a tag or a comment that begins its line.
    package var stripsBeforeBlocks = false
    /// Keeps a newline that ends the source.
    package var keepsTrailingNewline = true
    /// Iterations of all loops of one rendering together.
    package var maximumIterations = 1_000_000
    /// Size of the rendered text, and of any text or list made on the way, in bytes or elements.
    package var maximumOutputBytes = 64 << 20

    /// What prompt flow sets: `trim_blocks`, no `lstrip_blocks`, `keep_trailing_newline`.
    package init() {}
}
