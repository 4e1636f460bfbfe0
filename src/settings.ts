import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { Fault } from './values/fault.ts'
import { type Keyring, readKeyring } from './values/sealed.ts'

/** What the programs are told from outside, as plain data. `.env.example` explains every variable. */
export type Settings = {
  /** Where the embedded database, the keys and the sandboxes' state live; absolute. */
  readonly home: string
  /** Null: the embedded PostgreSQL of `home`. */
  readonly databaseUrl: string | null
  /** Null: jobs run on PostgreSQL. */
  readonly redisUrl: string | null
  readonly keyring: Keyring
  readonly host: string
  readonly port: number
  /** False where nobody said which port: then the next free one will do. */
  readonly isPortGiven: boolean
  /** Where people and platforms reach us from outside, without a slash at the end; null: nobody said. */
  readonly publicUrl: string | null
  /** Behind a reverse proxy of ours: the caller's address is the last one in `x-forwarded-for`. */
  readonly trustProxy: boolean
  /** Alerts by webhook may go to addresses that are not public, and without TLS; WEBHOOKS_TO_PRIVATE. */
  readonly webhooksToPrivate: boolean
  /** Where alerts are handed in as e-mail, and whose they are; null: none is sent. SMTP_URL, MAIL_FROM. */
  readonly smtp: { readonly url: string; readonly from: string } | null
  /** How much is logged; LOG_LEVEL. */
  readonly logLevel: LogLevel
  /** What this process does: answer people and programs, do what may wait or fail, or both. */
  readonly role: Role
  /** Sample goods, sandboxes and shoppers: on the embedded database, or asked for with `--demo`. */
  readonly isDemo: boolean
  /** Purchases per second of the demo's shoppers, over both platforms. */
  readonly shoppersPerS: number
  /** Begin with an empty embedded database. */
  readonly isFresh: boolean
}

export type LogLevel = (typeof LEVELS)[number]

export type Role = 'api' | 'worker' | 'both'

type Environment = Readonly<Record<string, string | undefined>>

const PORT = 3210
const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const SHOPPERS_MAX = 100
const ROLES: readonly Role[] = ['api', 'worker', 'both']

/**
 * Reads the environment (over a `.env` file beside it) and the flags `--demo`, `--no-demo`, `--fresh`, `--role=`. The keyring comes from
 * CONCORD_KEYS, else from the file `keys` in the home folder, which is made on first use.
 * @throws Fault invalid, naming the variable and what it should be.
 */
export async function readSettings(given: Environment = process.env, flags: readonly string[] = process.argv.slice(2)): Promise<Settings> {
  const env: Environment = { ...dotEnv(), ...given }
  const home = resolve(env.CONCORD_HOME || '.concord')
  const databaseUrl = address(env, 'DATABASE_URL', ['postgres:', 'postgresql:'])
  const isFresh = flags.includes('--fresh')
  if (env.npm_config_fresh !== undefined && !isFresh)
    throw new Fault('invalid', 'npm kept --fresh for itself', { field: '--fresh', expected: 'npm start -- --fresh' })
  if (isFresh && databaseUrl !== null) {
    throw new Fault('invalid', '--fresh empties the embedded database only; with DATABASE_URL, create an empty database yourself', {
      field: '--fresh',
    })
  }
  return {
    home,
    databaseUrl,
    redisUrl: address(env, 'REDIS_URL', ['redis:', 'rediss:', 'unix:']),
    keyring: await keyring(env, home),
    host: env.HOST || '127.0.0.1',
    port: port(env.PORT || String(PORT)),
    isPortGiven: Boolean(env.PORT),
    publicUrl: address(env, 'PUBLIC_URL', ['https:', 'http:'])?.replace(/\/+$/, '') ?? null,
    trustProxy: flag(env, 'TRUST_PROXY'),
    webhooksToPrivate: flag(env, 'WEBHOOKS_TO_PRIVATE'),
    smtp: smtp(env),
    shoppersPerS: rate(env.CONCORD_SHOPPERS_PER_S || '0.7'),
    logLevel: level(env.LOG_LEVEL || 'info'),
    role: role(flags, databaseUrl !== null),
    isDemo: flags.includes('--demo') || (databaseUrl === null && !flags.includes('--no-demo')),
    isFresh,
  }
}

function dotEnv(): Environment {
  return existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {}
}

function address(env: Environment, name: string, protocols: readonly string[]): string | null {
  const value = env[name]
  if (!value) return null
  // The value itself stays out of the message: it holds a password.
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new Fault('invalid', `${name} must be an address that begins with ${protocols.map(one => `${one}//`).join(' or ')}`, {
      field: name,
    })
  }
  return value
}

function smtp(env: Environment): Settings['smtp'] {
  const url = address(env, 'SMTP_URL', ['smtp:', 'smtps:'])
  if (url === null) return null
  const from = env.MAIL_FROM ?? ''
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(from))
    throw new Fault('invalid', 'MAIL_FROM must be the e-mail address that alerts come from, because SMTP_URL is set', {
      field: 'MAIL_FROM',
    })
  return { url, from }
}

function flag(env: Environment, name: string): boolean {
  const value = env[name] || '0'
  if (value !== '0' && value !== '1') throw new Fault('invalid', `${name} is 1 or 0, not ${value}`, { field: name, value })
  return value === '1'
}

function level(text: string): LogLevel {
  const found = LEVELS.find(one => one === text)
  if (found === undefined) throw new Fault('invalid', `LOG_LEVEL is ${LEVELS.join(', ')}, not ${text}`, { field: 'LOG_LEVEL', value: text })
  return found
}

function rate(text: string): number {
  const value = Number(text)
  if (!(value >= 0 && value <= SHOPPERS_MAX))
    throw new Fault('invalid', `CONCORD_SHOPPERS_PER_S is a number from 0 to ${SHOPPERS_MAX}, not ${text}`, {
      ...{ field: 'CONCORD_SHOPPERS_PER_S', value: text },
    })
  return value
}

function role(flags: readonly string[], isShared: boolean): Role {
  const at = flags.findLastIndex(flag => flag === '--role' || flag.startsWith('--role='))
  if (at < 0) return 'both'
  const wanted = flags[at]?.split('=')[1] ?? flags[at + 1]
  const found = ROLES.find(one => one === wanted)
  if (found === undefined) throw new Fault('invalid', `--role is ${ROLES.join(', ')}, not ${wanted}`, { field: '--role', value: wanted })
  if (found !== 'both' && !isShared)
    throw new Fault('invalid', `--role ${found} needs DATABASE_URL: the embedded database belongs to one process`, { field: '--role' })
  return found
}

function port(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new Fault('invalid', `PORT must be a number from 0 to 65535, not ${text}`, { field: 'PORT', value: text })
  }
  return value
}

async function keyring(env: Environment, home: string): Promise<Keyring> {
  const path = join(home, 'keys')
  const text = env.CONCORD_KEYS || (await keysFile(home, path))
  try {
    return await readKeyring(text.trim())
  } catch (cause) {
    const where = env.CONCORD_KEYS ? '' : ` (in ${path})`
    throw new Fault('invalid', `${cause instanceof Error ? cause.message : String(cause)}${where}`, { field: 'CONCORD_KEYS' })
  }
}

/** The key that seals credentials and personal data; without it they cannot be read again, so it is made once and never replaced. */
async function keysFile(home: string, path: string): Promise<string> {
  if (!existsSync(path)) {
    // PostgreSQL's own user must be able to walk through; the files in it are closed by themselves.
    const made = await mkdir(home, { recursive: true, mode: 0o711 })
    if (made !== undefined) await chmod(home, 0o711)
    const draft = `${path}.${process.pid}`
    await writeFile(draft, `k1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
    try {
      // A link appears whole or not at all, and fails when another process was quicker: then that key counts.
      await link(draft, path)
    } catch (error) {
      if (!existsSync(path)) throw error
    } finally {
      await rm(draft, { force: true })
    }
  }
  return readFile(path, 'utf8')
}
