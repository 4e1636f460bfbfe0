// Loaded before a peer's program: when whoever started it is gone, however it went, the peer ends too.
process.stdin.on('end', () => process.exit()).resume()
process.stdin.unref?.()
