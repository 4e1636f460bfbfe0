import type { Progress } from './scene.ts'

type Screen = { readonly isTTY?: boolean; readonly write: (text: string) => unknown }

const EVERY_MS = 100
const WIDTH = 12

/** Shows how far each part is: on a terminal one line of bars that is drawn anew, else a line for each tenth of a part. */
export function barsOn(screen: Screen): { readonly progress: Progress; readonly end: () => void } {
  const shares = new Map<string, { readonly done: number; readonly of: number }>()
  const tenths = new Map<string, number>()
  let drawnAt = 0
  let width = 0

  const draw = (): void => {
    drawnAt = performance.now()
    const line = [...shares].map(([part, { done, of }]) => bar(part, done, of)).join('  ')
    screen.write(`\r${line.padEnd(width)}`)
    width = line.length
  }
  const tell = (part: string, done: number, of: number): void => {
    const tenth = of === 0 ? 10 : Math.floor((done * 10) / of)
    const last = tenths.get(part) ?? -1
    // A part that begins again is told again; one that gives way a little, because more was found to do, is not.
    if (tenth === last || (tenth < last && tenth > 0)) return
    tenths.set(part, tenth)
    screen.write(`${part} ${done} of ${of} (${tenth * 10} %)\n`)
  }
  return {
    progress: (part, done, of) => {
      shares.set(part, { done, of })
      // What is over leaves the line, which has room for four.
      for (const over of [...shares.keys()].slice(0, -4)) shares.delete(over)
      if (!screen.isTTY) tell(part, done, of)
      else if (performance.now() - drawnAt > EVERY_MS) draw()
    },
    end: () => {
      if (screen.isTTY && width > 0) screen.write(`\r${' '.repeat(width)}\r`)
    },
  }
}

function bar(part: string, done: number, of: number): string {
  const full = of === 0 ? WIDTH : Math.min(WIDTH, Math.round((done * WIDTH) / of))
  return `${part} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${of}`
}
