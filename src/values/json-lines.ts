/**
 * Steps of long work as lines of JSON, for whoever waits: `told` makes each, `failed` the last one where a step throws. The work stops when nobody reads on.
 */
export function jsonLines<Step>(
  first: IteratorResult<Step, void>,
  steps: AsyncGenerator<Step, void>,
  told: (step: Step) => unknown,
  failed: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const text = new TextEncoder()
  const line = (value: unknown): Uint8Array => text.encode(`${JSON.stringify(value)}\n`)
  let next: IteratorResult<Step, void> | null = first
  return new ReadableStream({
    pull: async out => {
      try {
        const step = next ?? (await steps.next())
        next = null
        if (step.done) out.close()
        else out.enqueue(line(told(step.value)))
      } catch (error) {
        out.enqueue(line(failed(error)))
        out.close()
      }
    },
    cancel: async () => {
      await steps.return()
    },
  })
}
