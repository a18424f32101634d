enum PolicyCompilerPlaceholder {}
