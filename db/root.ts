import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The package's root: the nearest folder above this file that holds package.json. The compiler copies no .sql files and no assets, so
 * the program reads them from here, whether it runs from the sources or from `dist/`.
 */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}: run concord from its own folder`)
    folder = parent
  }
  return folder
}

/** Numbered migrations, forward only. */
export const migrationsDir = (): string => join(packageRoot(), 'db', 'migrations')

/** The functions that hold our commands; applied whenever they differ. */
export const functionsDir = (): string => join(packageRoot(), 'db', 'functions')
