enum WireBytesPlaceholder {}
