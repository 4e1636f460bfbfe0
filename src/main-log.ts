import type { Logger } from 'pino'
import { makeLog } from './http/log.ts'
import { gatherLines } from './main-log-lines.ts'
import type { LogLevel } from './settings.ts'

type Line = { readonly level: number; readonly time: string; readonly msg?: string; readonly [field: string]: unknown }

const LEVELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
const OWN = new Set(['level', 'time', 'msg', 'pid', 'err', 'error'])

/** The program's log: JSON lines for machines; on a terminal, lines for people, in which each single request would only be noise. */
export function makeProgramLog(out: NodeJS.WriteStream, level: LogLevel): Logger {
  if (!out.isTTY) {
    const lines = gatherLines(text => out.write(text))
    process.on('exit', lines.flush)
    return makeLog({ level, destination: lines })
  }
  return makeLog({
    level,
    destination: {
      write: json => {
        const line = JSON.parse(json) as Line
        if (line.msg !== 'request' || line.level > 30 || level === 'debug') out.write(`${forPeople(line)}\n`)
      },
    },
  })
}

/** `14:03:07 warn  Redis is away (queue=intake): connection refused`. */
export function forPeople(line: Line): string {
  const fields = Object.entries(line)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  const trouble = line.err ?? line.error
  return [
    `${line.time.slice(11, 19)} ${(LEVELS[line.level] ?? String(line.level)).padEnd(5)} ${line.msg ?? ''}`,
    fields.length > 0 ? ` (${fields.join(' ')})` : '',
    trouble === undefined ? '' : `: ${words(trouble)}`,
  ].join('')
}

function words(trouble: unknown): string {
  if (typeof trouble !== 'object' || trouble === null) return String(trouble)
  const { message, stack } = trouble as { readonly message?: unknown; readonly stack?: unknown }
  return String(stack ?? message ?? JSON.stringify(trouble))
}
