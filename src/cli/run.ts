import { parseArgs } from 'node:util'
import { pushPaces } from '../usecases/channels.ts'
import { Fault } from '../values/fault.ts'
import { nearest } from '../values/near.ts'
import { type Call, type Command, isUsageError, type Wiring, wrongUsage } from './command.ts'
import { openDatabase } from './database.ts'
import { commandHelp, overview } from './help.ts'
import { advised, orOf } from './refusal.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs one command line (without node and the script). Answers the exit code: 0 done, 1 refused or something found, 2 wrong usage.
 * With `--json` the answer, or the refusal as `{"error": {code, message, …}}`, is one line of JSON on `out`.
 */
export async function runCli(
  line: readonly string[],
  commands: readonly Command[],
  wiring: Wiring,
  terminal: Terminal,
): Promise<0 | 1 | 2> {
  const isJson = line.includes('--json')
  const argv = line.filter(word => word !== '--json')
  const command = findCommand(argv, commands)
  const wantsHelp = argv.includes('--help') || argv.includes('-h') || argv[0] === 'help' || argv.length === 0
  if (wantsHelp || command === null) {
    const named = command ?? findCommand(argv.slice(1), commands)
    if (!wantsHelp) return complain(terminal, isJson, unknownCommand(argv, commands))
    terminal.out.write(`${named === null ? overview(commands, argv[0] === 'help' ? argv[1] : argv[0]) : commandHelp(named)}\n`)
    return 0
  }
  try {
    return await carryOut(command, argv.slice(command.name.split(' ').length), isJson, wiring, terminal)
  } catch (error) {
    if (isUsageError(error)) return complain(terminal, isJson, `${error.usage}\nusage: concord ${command.name} ${command.usage}`)
    return refuse(terminal, isJson, error)
  }
}

async function carryOut(command: Command, rest: readonly string[], isJson: boolean, wiring: Wiring, terminal: Terminal): Promise<0 | 1> {
  const { args, values } = parse(command, rest)
  const settings = await wiring.settings()
  const database = await openDatabase(settings, command, wiring.declared, line => terminal.err.write(`${line}\n`))
  const call: Call = {
    args,
    text: name => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: name => (Array.isArray(values[name]) ? values[name].map(String) : []),
    flag: name => values[name] === true,
    context: {
      sql: database.sql,
      keyring: settings.keyring,
      actor: wiring.actor,
      now: wiring.now,
      pushPaceOf: pushPaces(wiring.platforms),
    },
    databaseUrl: database.url,
    terminal,
    answer: (data, text) => terminal.out.write(isJson ? `${JSON.stringify(data)}\n` : `${text}\n`),
    isJson,
    wiring,
  }
  try {
    return await command.run(call)
  } catch (error) {
    throw await advised(error, command, call.context)
  } finally {
    await database.close()
  }
}

function findCommand(argv: readonly string[], commands: readonly Command[]): Command | null {
  const words = argv.filter(word => !word.startsWith('-'))
  return commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' ')) ?? null
}

function unknownCommand(argv: readonly string[], commands: readonly Command[]): string {
  const group = commands.filter(command => command.name.startsWith(`${argv[0]} `))
  const typed = argv.filter(word => !word.startsWith('-'))
  const near = nearest(
    typed.slice(0, 2).join(' '),
    commands.map(command => command.name),
  )
  const meant = near.length > 0 ? near : nearest(typed[0] ?? '', [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))])
  if (group.length === 0)
    return `there is no command "${argv[0]}"; ${meant.length > 0 ? `did you mean ${orOf(meant)}? ` : ''}"concord help" lists them`
  return `"${argv[0]}" goes with one of: ${group.map(command => command.name.split(' ').slice(1).join(' ')).join(', ')}`
}

/** What parseArgs would take for an option: a number below zero. */
const MINUS = '\u0000'

function parse(command: Command, rest: readonly string[]) {
  const shielded = rest.map(word => (/^-\d/.test(word) ? `${MINUS}${word}` : word))
  const open = (word: string) => (word.startsWith(MINUS) ? word.slice(1) : word)
  const parsed = (() => {
    try {
      return parseArgs({ args: shielded, options: { ...command.options }, allowPositionals: true, strict: true })
    } catch (error) {
      throw wrongUsage(unparsed(error, command))
    }
  })()
  const args = parsed.positionals.map(open)
  const [fewest, most] = command.takes
  if (args.length < fewest) throw wrongUsage(`${wantedAt(command.usage, args.length)} is missing`)
  if (args.length > most) throw wrongUsage(`"${args[most]}" is too much`)
  const values: Record<string, unknown> = parsed.values
  return {
    args,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? open(value) : value])),
  }
}

/** What the usage calls the argument at a place, before its options begin. */
function wantedAt(usage: string, place: number): string {
  const words = usage.split(' ')
  const begin = words.findIndex(word => /^[-[(]/.test(word))
  return words.slice(0, begin < 0 ? undefined : begin)[place] ?? 'something'
}

/** What parseArgs says, and for an option that the command does not have, one like it. */
function unparsed(error: unknown, { options = {} }: Command): string {
  const [words = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
  const [, typed] = /^Unknown option '--([^']+)'/.exec(words) ?? []
  const near = typed === undefined ? [] : nearest(typed, [...Object.keys(options), 'json', 'help'])
  return near.length === 0 ? words : `${words}; did you mean ${orOf(near.map(name => `--${name}`))}?`
}

function complain(terminal: Terminal, isJson: boolean, words: string): 2 {
  if (isJson) terminal.out.write(`${JSON.stringify({ error: { code: 'usage', message: words.split('\n')[0] } })}\n`)
  else terminal.err.write(`${words}\n`)
  return 2
}

function refuse(terminal: Terminal, isJson: boolean, error: unknown): 1 {
  const message = error instanceof Error ? error.message : String(error)
  const fault = error instanceof Fault ? { code: error.code, message, ...error.detail } : { code: 'internal', message }
  if (isJson) terminal.out.write(`${JSON.stringify({ error: fault })}\n`)
  else terminal.err.write(`${message}${hintOf(error)}\n`)
  return 1
}

function hintOf(error: unknown): string {
  // Where a next step stands already, what a field takes would say less.
  return error instanceof Fault &&
    error.detail.nearest === undefined &&
    error.detail.expected !== undefined &&
    !error.message.includes(error.detail.expected)
    ? ` (expected: ${error.detail.expected})`
    : ''
}
