import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../db/root.ts'

const [light = '', dark = ''] = readFileSync(join(packageRoot(), 'src/ui/assets/styles/colours.css'), 'utf8').split(
  '@media (prefers-color-scheme: dark)',
)

function colours(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(found => [found[1] ?? '', found[2] ?? '']))
}

/** Contrast of two colours by WCAG 2: 1 (the same) to 21 (black on white). */
function contrast(one: string, other: string): number {
  const [a, b] = [one, other].map(colour => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map(at => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  })
  return (Math.max(a ?? 0, b ?? 0) + 0.05) / (Math.min(a ?? 0, b ?? 0) + 0.05)
}

const pairs = [
  ...['ink', 'ink-2', 'ink-3', 'accent'].flatMap(text => ['ground', 'surface', 'surface-2'].map(ground => [text, ground] as const)),
  ...['good', 'wait', 'move', 'bad', 'calm', 'off', 'accent'].map(tone => [tone, `${tone}-soft`] as const),
  ...['good', 'wait', 'move', 'bad'].map(tone => [tone, 'surface'] as const),
  ['accent-ink', 'accent'] as const,
]

describe.each([
  ['light', colours(light)],
  ['dark', new Map([...colours(light), ...colours(dark)])],
])('in the %s colours', (_, palette) => {
  test.each(pairs)('%s can be read on %s', (text, ground) => {
    const [one, other] = [palette.get(text), palette.get(ground)]
    if (one === undefined || other === undefined) throw new Error(`no colour ${text} or ${ground}`)
    expect(contrast(one, other)).toBeGreaterThanOrEqual(4.5)
  })
})
