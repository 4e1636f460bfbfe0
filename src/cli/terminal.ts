import type { Readable, Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'

/** Where a command reads and writes. Answers go to `out`; progress, prompts and complaints go to `err`, so that a pipe gets answers only. */
export type Terminal = {
  readonly in: Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>
  readonly out: Writable
  readonly err: Writable & { readonly isTTY?: boolean }
}

export type Progress = {
  /** `of` null: nobody knows how many there will be. */
  readonly at: (what: string, done: number, of: number | null) => void
  readonly end: () => void
}

const EVERY_MS = 100

/** Shows how far long work is: one line that is rewritten on a terminal, else one line for each tenth. */
export function progressOn(terminal: Terminal, clock: () => number = Date.now): Progress {
  let lastAt = 0
  let tenth = -1
  let shown = ''
  const onTerminal = (what: string, done: number, of: number | null) => {
    const line = of === null ? `${what} ${done}` : `${what} ${done} of ${of} (${percent(done, of)} %)`
    if (clock() - lastAt < EVERY_MS && done !== of) return
    lastAt = clock()
    terminal.err.write(`\r${line.padEnd(shown.length)}`)
    shown = line
  }
  const onPaper = (what: string, done: number, of: number | null) => {
    if (of === null || Math.floor(percent(done, of) / 10) === tenth) return
    tenth = Math.floor(percent(done, of) / 10)
    terminal.err.write(`${what} ${done} of ${of} (${percent(done, of)} %)\n`)
  }
  return {
    at: terminal.err.isTTY ? onTerminal : onPaper,
    end: () => {
      if (shown !== '') terminal.err.write(`\r${' '.repeat(shown.length)}\r`)
      shown = ''
    },
  }
}

const percent = (done: number, of: number): number => (of === 0 ? 100 : Math.floor((done * 100) / of))

/** All of what is piped in, as text without the last line's end. */
export async function readInput(terminal: Terminal): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of terminal.in) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece)
  return Buffer.concat(pieces)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

/** Asks for a line on the terminal; with `hidden`, nothing of it is shown. Null when the person gives up (Ctrl-C, Ctrl-D). */
export function ask(terminal: Terminal, question: string, hidden = false): Promise<string | null> {
  const input = terminal.in
  terminal.err.write(question)
  input.setRawMode?.(true)
  return new Promise(resolve => {
    let line = ''
    const end = (answer: string | null) => {
      input.off('data', take)
      input.setRawMode?.(false)
      input.pause()
      terminal.err.write('\n')
      resolve(answer)
    }
    const take = (piece: Uint8Array | string) => {
      for (const char of String(piece)) {
        if (char === '\r' || char === '\n') return end(line)
        if (char === '\u0003' || char === '\u0004') return end(null)
        if (char === '\u007f' || char === '\b') {
          if (line !== '' && !hidden) terminal.err.write('\b \b')
          line = [...line].slice(0, -1).join('')
        } else if (char >= ' ') {
          if (!hidden) terminal.err.write(char)
          line += char
        }
      }
    }
    input.on('data', take)
    input.resume()
  })
}

/** Lines of cells under each other; the first line is the heading. Nothing is cut. */
export function table(rows: readonly (readonly (string | number | null)[])[]): string {
  const texts = rows.map(row => row.map(cell => (cell === null ? '–' : String(cell))))
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map(row => row[column]?.length ?? 0)))
  return texts
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
