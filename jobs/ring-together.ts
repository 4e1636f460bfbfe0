/**
 * Carries out one act of a key at a time. Whoever asks while one is under way shares the one behind it, which begins once that has ended: the first may have been
 * heard before he asked. So a burst of webhooks rings a few times, not once for each.
 */
export function ringTogether<T>(): (key: string, act: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, { readonly current: Promise<T>; next: Promise<T> | null }>()

  function begin(key: string, act: () => Promise<T>): Promise<T> {
    const entry = { current: act(), next: null as Promise<T> | null }
    underWay.set(key, entry)
    const ended = (): void => {
      if (entry.next === null) underWay.delete(key)
    }
    entry.current.then(ended, ended)
    return entry.current
  }

  return (key, act) => {
    const entry = underWay.get(key)
    if (entry === undefined) return begin(key, act)
    const behind = (): Promise<T> => begin(key, act)
    entry.next ??= entry.current.then(behind, behind)
    return entry.next
  }
}
