import Crypto

/// PostgreSQL's answer to AuthenticationMD5Password (protocol 55.2.1):
/// `md5` + hex(md5(hex(md5(password + user)) + salt)).
///
/// MD5 is broken, and a server that still asks for it is answered all the same: its operator chose it.
func md5PasswordResponse(password: String, user: String, salt: [UInt8]) -> String {
    let inner = hexadecimal(Insecure.MD5.hash(data: Array(password.utf8) + Array(user.utf8)))
    return "md5" + hexadecimal(Insecure.MD5.hash(data: Array(inner.utf8) + salt))
}

private func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
