enum EnforcementPlaceholder {}
