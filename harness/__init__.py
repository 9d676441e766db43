"""The conformance engine: observe a platform, write evidence, judge the evidence."""
