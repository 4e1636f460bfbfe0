// The Node program: `npm start`, or `node dist/src/main.js [--demo] [--no-demo] [--fresh] [--role api|worker|both] [--help]`.
import { parseArgs } from 'node:util'
import { say, troubleWords } from './main-console.ts'
import { startHub } from './main-hub.ts'
import { makeProgramLog } from './main-log.ts'
import { readSettings } from './settings.ts'

/** Whatever hangs must not keep the person at the terminal: everything durable is in PostgreSQL already. */
const STOP_MS = 9_500
/** npm hands a Ctrl-C on to us that the terminal has sent us as well: two within this time are one. */
const ECHO_MS = 400

const USAGE = 'npm start -- [--demo | --no-demo] [--fresh] [--role api|worker|both] [--help]'
const HELP = `Usage: ${USAGE}

Starts Concord: the console, the API, and what talks to the channels. Ctrl-C stops it; the next start goes on with the same data.

  --demo      sandbox platforms, sample goods and shoppers; without DATABASE_URL they are there unless told otherwise
  --no-demo   none of these
  --fresh     begins anew: what the embedded PostgreSQL holds is thrown away
  --role      api serves the console and the API, worker talks to the channels; both (as usual) does all of it
  --help      says this

The settings of the environment (DATABASE_URL, REDIS_URL, PORT and more) are told in .env.example.
The command line is another program: "npm run -s concord -- help".`

const stopping = new AbortController()
let askedAt: number | null = null

// A terminal that was closed, or a pager that was left, takes our words no more; that must not end the hub.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => onSignal(signal))
try {
  if (readFlags().help === true) {
    console.log(HELP)
    process.exit(0)
  }
  const settings = await readSettings()
  const log = makeProgramLog(process.stderr, settings.logLevel)
  // A rejection that nobody awaits is a defect, but the work it belonged to is found again in PostgreSQL.
  process.on('unhandledRejection', error => log.error({ err: error }, 'an error that nobody waited for'))
  const hub = await startHub(settings, log)
  await new Promise<void>(resolve => {
    if (stopping.signal.aborted) resolve()
    else stopping.signal.addEventListener('abort', () => resolve())
  })
  await hub.stop()
  say('Concord has stopped. The data stays; `npm start` goes on with it.')
  process.exit(0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  say(`Concord cannot start: ${troubleWords(error)}`)
  if (process.env.LOG_LEVEL === 'debug') console.error(error)
  process.exit(1)
}

function readFlags(): { readonly help?: boolean } {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      options: {
        ...{ demo: { type: 'boolean' }, 'no-demo': { type: 'boolean' }, fresh: { type: 'boolean' }, role: { type: 'string' } },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new Error(`${troubleWords(error)}\nUsage: ${USAGE}`, { cause: error })
  }
}

function onSignal(signal: string): void {
  const now = performance.now()
  if (askedAt !== null) {
    if (now - askedAt < ECHO_MS) return
    say('Stopping at once. What still runs in the background is taken over by the next start.')
    process.exit(130)
  }
  askedAt = now
  say(`\nStopping (${signal}); once more stops at once.`)
  setTimeout(() => {
    say('Stopping took too long. What still runs in the background is taken over by the next start.')
    process.exit(1)
  }, STOP_MS).unref()
  stopping.abort(new Error('shutting down'))
}
