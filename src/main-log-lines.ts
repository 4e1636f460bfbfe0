/** Takes the lines of the log, one at a time. */
export type Lines = {
  readonly write: (line: string) => void
  /** Writes at once what is still held back. */
  readonly flush: () => void
}

const HELD_MS = 100
const HELD_MOST = 16 * 1024
const WARNING = 40

/**
 * Gathers lines and writes them together, a tenth of a second late at most: at thousands of requests a second, a system call for each line
 * costs more than all the rest of it. A warning or worse is written at once, and all before it; whoever ends the process flushes.
 */
export function gatherLines(write: (text: string) => void): Lines {
  let held = ''
  let timer: NodeJS.Timeout | null = null
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = held
    held = ''
    if (text !== '') write(text)
  }
  return {
    flush,
    // pino tells a destination that asks for it the level of the line that it is about to write.
    ...{ [Symbol.for('pino.metadata')]: true, lastLevel: 0 },
    write(this: { readonly lastLevel?: number }, line: string) {
      held += line
      if (held.length >= HELD_MOST || (this.lastLevel ?? 0) >= WARNING) flush()
      else timer ??= setTimeout(flush, HELD_MS).unref()
    },
  }
}
