/**
 * Of some names, those that a person may have meant by what was typed, the likeliest first, `most` at the most. Capital and small letters count as the
 * same, and where only these differ, nothing else is meant; one letter may be wrong, missing, too many or swapped with its neighbour, in words of more than four letters two. After these come names that begin with
 * what was typed, from three letters on.
 */
export function nearest(typed: string, names: readonly string[], most = 3): readonly string[] {
  const meant = typed.trim().toLowerCase()
  const wrongMost = meant.length > 4 ? 2 : 1
  const ranked = names.flatMap(name => {
    const other = name.toLowerCase()
    const wrong = distance(meant, other, wrongMost)
    if (wrong <= wrongMost) return [{ name, rank: wrong }]
    return meant.length >= 3 && other.startsWith(meant) ? [{ name, rank: wrongMost + 1 }] : []
  })
  const least = Math.min(...ranked.map(({ rank }) => rank))
  return ranked
    .filter(({ rank }) => least > 0 || rank === 0)
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** How many letters differ (optimal string alignment); above `most` any number above it. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same, swapped))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
