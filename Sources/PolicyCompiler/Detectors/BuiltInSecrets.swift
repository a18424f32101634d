import Policy

/// Keys and tokens. Most begin with letters that their issuer chose so that they can be found.
extension BuiltInDetectors {
    private static let base64 = ByteSet(Array(ByteSet.word.bytes) + Array("+/=-".utf8))
    private static let token = ByteSet(Array(ByteSet.word.bytes) + [UInt8(ascii: "-")])

    static let secrets: [DetectorSpec] = [
        DetectorSpec(
            name: "jwt", summary: "JSON web tokens, signed or encrypted",
            patterns: [
                .init(#"eyJ[\w-]{8,}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?"#, .webToken, notAfter: token)
            ]),
        DetectorSpec(
            name: "aws-access-key", summary: "AWS access key identifiers",
            patterns: [
                .init(
                    "(?:A(?:KIA|SIA|BIA|CCA|GPA|IDA|ROA|IPA|NPA|NVA|PKA))[A-Z2-7]{16}", .wholeWord)
            ]),
        DetectorSpec(
            name: "aws-secret-key", summary: "AWS secret access keys, with context",
            patterns: [
                .init(
                    "[A-Za-z0-9+/]{40}", .secretKey, needsContext: true,
                    notAfter: ByteSet(Array(ByteSet.word.bytes) + Array("+/".utf8)), signal: .digits)
            ],
            context: [
                "aws secret", "aws secret key", "aws secret access key", "secret access key", "secret key",
                "aws credentials", "secretaccesskey",
            ]),
        DetectorSpec(
            name: "github-token", summary: "GitHub tokens",
            patterns: [.init(#"gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{60,}"#, .wholeWord)]),
        DetectorSpec(
            name: "gitlab-token", summary: "GitLab tokens",
            patterns: [.init(#"gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent)-[\w-]{20,}"#)]),
        DetectorSpec(
            name: "slack-token", summary: "Slack tokens and webhooks",
            patterns: [
                .init(#"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"#),
                .init(#"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{20,}"#),
            ]),
        DetectorSpec(
            name: "stripe-key", summary: "Stripe secret and restricted keys, webhook secrets",
            patterns: [.init(#"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}"#)]),
        DetectorSpec(
            name: "google-api-key", summary: "Google API keys, OAuth tokens and client secrets",
            patterns: [.init(#"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{28}"#, .wholeToken)]),
        DetectorSpec(
            name: "openai-key", summary: "OpenAI API keys",
            patterns: [.init(#"sk-(?:proj|svcacct|admin|None)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}"#, .wholeToken)]),
        DetectorSpec(
            name: "anthropic-key", summary: "Anthropic API keys",
            patterns: [.init(#"sk-ant-[a-z0-9]+-[\w-]{20,}"#, .wholeToken)]),
        DetectorSpec(
            name: "npm-token", summary: "npm access tokens", patterns: [.init("npm_[A-Za-z0-9]{36}", .wholeWord)]),
        DetectorSpec(
            name: "pypi-token", summary: "PyPI API tokens", patterns: [.init(#"pypi-AgE[\w-]{50,}"#)]),
        DetectorSpec(
            name: "sendgrid-key", summary: "SendGrid API keys",
            patterns: [.init(#"SG\.[\w-]{22}\.[\w-]{43}"#, .wholeToken)]),
        DetectorSpec(
            name: "huggingface-token", summary: "Hugging Face tokens",
            patterns: [.init("hf_[A-Za-z0-9]{30,}", .wholeWord)]),
        DetectorSpec(
            name: "private-key-block", summary: "private keys in PEM form, whole",
            patterns: [
                .init(
                    #"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"#, .privateKey,
                    notAfter: ByteSet([UInt8(ascii: "-")]))
            ]),
    ]
}
