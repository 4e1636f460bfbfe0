import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasUsers } from '../db/access.ts'
import type { Context } from './usecases/context.ts'
import { addUser } from './usecases/manage-access.ts'
import { Fault } from './values/fault.ts'

export type FirstLogin = {
  readonly login: { readonly email: string; readonly password: string } | null
  /** Call it when the login was shown: it is not shown again. */
  readonly shown: () => Promise<void>
}

const EMAIL = 'admin@concord.example'
/** Without letters and digits that are mistaken for each other when somebody copies them by hand. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/**
 * Makes the first administrator where there is nobody yet. The password lies in a file of the home folder (readable by its owner only) from
 * before it is stored until it was shown, so that a start that was killed in between tells it the next time.
 */
export async function firstLogin(context: Context, home: string): Promise<FirstLogin> {
  const path = join(home, 'first-login')
  const shown = (): Promise<void> => rm(path, { force: true })
  const isNew = !(await hasUsers(context.sql))
  if (!isNew && !existsSync(path)) return { login: null, shown }
  if (isNew) {
    const password = newPassword()
    await writeFile(path, password, { mode: 0o600 })
    try {
      await addUser(context, null, { email: EMAIL, name: 'Administrator', role: 'admin', password })
    } catch (error) {
      await shown()
      if (error instanceof Fault && error.code === 'conflict') return { login: null, shown } // Another process was quicker.
      throw error
    }
  }
  return { login: { email: EMAIL, password: await readFile(path, 'utf8') }, shown }
}

/** 20 characters, 99 bits. */
function newPassword(): string {
  const groups = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join(''))
  return groups.join('-')
}
