import Enforcement

extension CancelKey {
    /// A key that nobody can guess: 31 bits of process number and 32 of secret, fresh from the system's generator.
    static func random() -> CancelKey {
        var generator = SystemRandomNumberGenerator()
        return CancelKey(
            processID: Int32.random(in: 1...Int32.max, using: &generator),
            secret: Int32.random(in: .min ... .max, using: &generator))
    }
}
