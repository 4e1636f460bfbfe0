import { createServer, type Socket } from 'node:net'

export type SmtpServer = {
  readonly port: number
  /** Every letter that was taken: its envelope and its text. */
  readonly letters: { readonly from: string; readonly to: string; readonly text: string }[]
  /** What the next letters are answered instead of being taken, such as `451 busy`. */
  readonly refuse: (answer: string | null) => void
  /** How long it thinks before each answer. */
  readonly slow: (ms: number) => void
  readonly close: () => Promise<void>
}

/**
 * A tiny SMTP server on the loopback: enough of RFC 5321 to take a letter or to refuse it. It knows neither TLS nor passwords. `onTaken`: a letter is taken, and its sender is not
 * told yet.
 */
export async function smtpServer(onTaken: () => void = () => {}): Promise<SmtpServer> {
  const letters: { from: string; to: string; text: string }[] = []
  const open = new Set<Socket>()
  let refusal: string | null = null
  let thinksMs = 0
  const server = createServer(socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    let rest = ''
    let from = ''
    let to = ''
    let text: string[] | null = null
    const write = (line: string) => !socket.destroyed && socket.write(`${line}\r\n`)
    const say = (line: string) => void (thinksMs === 0 ? write(line) : setTimeout(write, thinksMs, line))
    const addressOf = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? ''
    const take = (line: string): void => {
      if (text !== null) {
        if (line !== '.') {
          text.push(line.replace(/^\./, ''))
          return
        }
        const body = text.join('\n')
        text = null
        if (refusal !== null) return void say(refusal)
        letters.push({ from, to, text: body })
        onTaken()
        return void say('250 taken')
      }
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'MAIL') from = addressOf(line)
      if (verb === 'RCPT') to = addressOf(line)
      if (verb === 'DATA') {
        text = []
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 ok')
    }
    say('220 tiny')
    socket.setEncoding('utf8').on('data', chunk => {
      const lines = (rest + chunk).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  if (place === null || typeof place === 'string') throw new Error('the SMTP server has no port')
  return {
    port: place.port,
    letters,
    refuse: answer => {
      refusal = answer
    },
    slow: ms => {
      thinksMs = ms
    },
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
