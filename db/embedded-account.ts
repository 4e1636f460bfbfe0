import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A user of the operating system. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number }

const run = promisify(execFile)

/**
 * The unprivileged user that runs PostgreSQL when we are root: `concord`, created where `useradd` exists, else one that every system has.
 * @throws Error when there is none.
 */
export async function systemAccount(): Promise<Account> {
  const own = await lookUp('concord')
  if (own !== null) return own
  try {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'concord'])
  } catch {
    // No useradd here, or a read-only /etc, or somebody created the user at this moment: the search below tells.
  }
  for (const name of ['concord', 'postgres', 'nobody']) {
    const account = await lookUp(name)
    if (account !== null) return account
  }
  throw new Error(
    'PostgreSQL does not run as root, and no other user could be found or created: start concord as another user, or set DATABASE_URL',
  )
}

async function lookUp(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async flag => Number((await run('id', [flag, name])).stdout)))
    return uid === undefined || gid === undefined || uid === 0 ? null : { name, uid, gid }
  } catch {
    return null // `id` fails for a user that does not exist.
  }
}
