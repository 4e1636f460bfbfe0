const lists: unknown[][] = []

/** A list of what one test file gathers in a module that others use as well: one worker runs several files, and each begins with an empty one. */
export function ofThisFile<T>(): T[] {
  const list: T[] = []
  lists.push(list)
  return list
}

/** Empties all of them; before each file. */
export function beginFile(): void {
  for (const list of lists) list.length = 0
}
