import { median } from './spread.ts'

/**
 * Measures several things in turn, several times over, so that a machine that is busy with something else for a while slows all of them
 * alike. Answers the median of each, and what was found round by round.
 */
export async function inTurns<Name extends string>(
  rounds: number,
  things: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number> & { readonly words: string; readonly found: Readonly<Record<Name, readonly number[]>> }> {
  const names = Object.keys(things) as Name[]
  const found = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) for (const name of names) found[name].push(await things[name]())
  const medians = Object.fromEntries(names.map(name => [name, median(found[name])])) as Record<Name, number>
  return { ...medians, found, words: names.map(name => `${name}: ${found[name].map(Math.round).join(', ')}`).join('; ') }
}
