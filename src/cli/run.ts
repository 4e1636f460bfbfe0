import { parseArgs } from 'node:util'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, isUsageError, type Wiring, wrongUsage } from './command.ts'
import { openDatabase } from './database.ts'
import { commandHelp, overview } from './help.ts'
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
  const database = await openDatabase(settings, command, line => terminal.err.write(`${line}\n`))
  const call: Call = {
    args,
    text: name => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: name => (Array.isArray(values[name]) ? values[name].map(String) : []),
    flag: name => values[name] === true,
    context: { sql: database.sql, keyring: settings.keyring, actor: wiring.actor, now: wiring.now },
    databaseUrl: database.url,
    terminal,
    answer: (data, text) => terminal.out.write(isJson ? `${JSON.stringify(data)}\n` : `${text}\n`),
    isJson,
    wiring,
  }
  try {
    return await command.run(call)
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
  if (group.length === 0) return `there is no command "${argv[0]}"; "concord help" lists them`
  return `"${argv[0]}" goes with one of: ${group.map(command => command.name.split(' ')[1]).join(', ')}`
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
      throw wrongUsage(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error))
    }
  })()
  const args = parsed.positionals.map(open)
  const [fewest, most] = command.takes
  if (args.length < fewest) throw wrongUsage('something is missing')
  if (args.length > most) throw wrongUsage(`"${args[most]}" is too much`)
  const values: Record<string, unknown> = parsed.values
  return {
    args,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? open(value) : value])),
  }
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
  return error instanceof Fault && error.detail.expected !== undefined && !error.message.includes(error.detail.expected)
    ? ` (expected: ${error.detail.expected})`
    : ''
}
