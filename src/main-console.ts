import { Fault } from './values/fault.ts'

/** A line for the person at the terminal. The log goes to standard error, so that the two can be told apart. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What went wrong, in words; the stack only where it is a defect of ours. */
export function troubleWords(error: unknown): string {
  if (error instanceof Fault) return error.message
  if (!(error instanceof Error)) return String(error)
  // An error of the network may have no words of its own, only a code.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return error.message === '' ? code : error.message
}

export type Banner = {
  readonly url: string
  /** Null: somebody can log in already. */
  readonly login: { readonly email: string; readonly password: string } | null
  readonly hasUsers: boolean
  /** Where data and jobs are, in words. */
  readonly data: string
  readonly jobs: string
  readonly isDemo: boolean
}

/** The lines that a person is to see when the hub answers. */
export function bannerText({ url, login, hasUsers, data, jobs, isDemo }: Banner): string {
  const lines = [
    '',
    `  Concord is open at  ${url}`,
    ...(login === null
      ? []
      : ['', `    e-mail    ${login.email}`, `    password  ${login.password}`, '', '  Note the password: it is shown this once.']),
    ...(hasUsers ? [] : ['', '  Nobody can log in yet. Make a user: npm run -s concord -- user add']),
    '',
    `  data      ${data}`,
    `  jobs      ${jobs}`,
    ...(isDemo ? ['  demo      sample goods, two sandbox platforms and shoppers; --no-demo starts without them'] : []),
    ...(login === null ? [] : ['  people    npm run -s concord -- user add']),
    '  stop      Ctrl-C',
    '',
  ]
  return lines.join('\n')
}
