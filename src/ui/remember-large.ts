/**
 * Remembers what is large for so long, ms, by its name: pages that refresh themselves while much moves would find out nothing else. What is small is asked anew each
 * time, and whoever asks while an answer is under way shares it.
 */
export function rememberLarge<Found>(
  find: (name: string) => Promise<Found>,
  isLarge: (found: Found) => boolean,
  forMs: number,
  now: () => number = () => performance.now(),
): (name: string) => Promise<Found> {
  const known = new Map<string, { readonly found: Promise<Found>; readonly until: number }>()
  const ask = async (name: string): Promise<Found> => {
    try {
      const found = find(name)
      known.set(name, { found, until: Number.POSITIVE_INFINITY })
      if (isLarge(await found)) known.set(name, { found, until: now() + forMs })
      else known.delete(name)
      return await found
    } catch (error) {
      known.delete(name)
      throw error
    }
  }
  return async name => {
    const before = known.get(name)
    return before !== undefined && now() < before.until ? before.found : ask(name)
  }
}
