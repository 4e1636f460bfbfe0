/** One unit of something that a buyer wanted, and the location that it was promised from; null: refused. */
export type Want = { readonly name: string; readonly from: string | null }

type ByLocation = Readonly<Record<string, number>>

export type Race = {
  /** Units of each part at each location before it began. */
  readonly left: Readonly<Record<string, ByLocation>>
  /** Units of each part in one of each bundle. */
  readonly bundles: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly wants: readonly Want[]
  /** What the books say is promised of each part at each location afterwards. */
  readonly reserved: Readonly<Record<string, ByLocation>>
}

/**
 * Judges a race in which nothing was ever given back: no part is promised beyond what there was, the books say what the buyers were told, and
 * nothing was refused that could still be had afterwards. Answers what is wrong, in words; nothing when all is exact.
 */
export function whatIsWrong({ left, bundles, wants, reserved }: Race): string[] {
  const wrong: string[] = []
  const partsOf = (name: string): Readonly<Record<string, number>> => bundles[name] ?? { [name]: 1 }
  const sold = (part: string, location: string): number =>
    wants.filter(want => want.from === location).reduce((units, want) => units + (partsOf(want.name)[part] ?? 0), 0)

  const remaining: Record<string, Record<string, number>> = {}
  for (const [part, at] of Object.entries(left)) {
    for (const [location, units] of Object.entries(at)) {
      const taken = sold(part, location)
      const booked = reserved[part]?.[location] ?? 0
      if (taken > units) wrong.push(`${taken} of ${units} ${part} were sold at ${location}`)
      if (booked !== taken) wrong.push(`buyers have ${taken} ${part} at ${location}, the books say ${booked}`)
      remaining[location] = { ...remaining[location], [part]: units - taken }
    }
  }

  for (const name of new Set(wants.filter(want => want.from === null).map(want => want.name))) {
    const where = Object.entries(remaining).find(([, of]) =>
      Object.entries(partsOf(name)).every(([part, units]) => (of[part] ?? 0) >= units),
    )
    if (where !== undefined) wrong.push(`${name} was refused, though ${where[0]} has ${JSON.stringify(where[1])} left`)
  }
  const elsewhere = wants.filter(want => want.from !== null && remaining[want.from] === undefined)
  if (elsewhere.length > 0) wrong.push(`${elsewhere.length} were promised from a location that has none`)
  return wrong
}
