import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The program's full path where it is on the PATH, else null. */
export function onPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder; the next one may have it.
    }
  }
  return null
}
