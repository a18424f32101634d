import Foundation
import Logging
import Testing

@testable import Sidecar

@Suite struct DescriptorLimitTests {
    @Test func `the soft limit of open files becomes the hard one`() throws {
        var limit = rlimit()
        try #require(getrlimit(DescriptorLimit.resource, &limit) == 0)
        // No test beside this one comes near.
        limit.rlim_cur = limit.rlim_max - 1
        try #require(setrlimit(DescriptorLimit.resource, &limit) == 0)
        DescriptorLimit.raise(logger: Logger(label: "test"))
        try #require(getrlimit(DescriptorLimit.resource, &limit) == 0)
        #expect(limit.rlim_cur == limit.rlim_max)
    }
}
