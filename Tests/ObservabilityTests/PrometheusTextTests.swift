import Observability
import Testing

@Suite struct PrometheusTextTests {
    @Test func `counters and gauges say what they are`() {
        let gauge = Gauge()
        gauge.add(5)
        gauge.add(-7)
        var text = PrometheusText()
        text.gauge("open", "Open now.", gauge.value)
        text.counter("seen_total", "Seen.", 3)
        text.counter("kinds_total", "By kind.", [(#"kind="a""#, 1), (#"kind="b""#, 0)])
        #expect(
            text.text == """
                # HELP open Open now.
                # TYPE open gauge
                open -2
                # HELP seen_total Seen.
                # TYPE seen_total counter
                seen_total 3
                # HELP kinds_total By kind.
                # TYPE kinds_total counter
                kinds_total{kind="a"} 1
                kinds_total{kind="b"} 0

                """)
    }

    @Test func `a histogram's buckets count all that is under their bounds`() {
        let histogram = DurationHistogram()
        for microseconds: UInt64 in [250, 251, 1_500_000, 90_000_000] { histogram.record(microseconds: microseconds) }
        var text = PrometheusText()
        text.histogram("wait_seconds", "Waits.", histogram)
        let lines = text.text.split(separator: "\n")
        #expect(lines.contains(#"wait_seconds_bucket{le="0.00025"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.0005"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="2.5"} 3"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="60.0"} 3"#))
        #expect(
            lines.suffix(3) == [
                #"wait_seconds_bucket{le="+Inf"} 4"#, "wait_seconds_sum 91.500501", "wait_seconds_count 4",
            ])
    }
}
