"""What Stile's detectors find on a generated corpus, beside presidio-analyzer: see docs/detectors.md."""
