import type { Command } from './command.ts'

/** The list of commands, of one group where its first word is given. */
export function overview(commands: readonly Command[], group: string | undefined): string {
  const some = commands.filter(command => command.name.split(' ')[0] === group)
  const listed = some.length > 0 ? some : commands
  const width = Math.max(...listed.map(command => command.name.length))
  return [
    'concord – one stock, one price, every channel',
    '',
    'usage: npm run -s concord -- COMMAND [--json]',
    '',
    ...listed.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    '"concord help COMMAND" tells more. With --json every answer is JSON. Exit codes: 0 done, 1 refused or something found, 2 wrong usage.',
    'The database is DATABASE_URL, else the embedded one of .concord (see .env.example).',
  ].join('\n')
}

/** Everything about one command. */
export function commandHelp(command: Command): string {
  return [
    `concord ${command.name} ${command.usage}`,
    '',
    `${command.summary}`,
    ...(command.details === undefined ? [] : ['', command.details.trim()]),
    '',
    'examples:',
    ...command.examples.map(example => `  npm run -s concord -- ${example}`),
  ].join('\n')
}
