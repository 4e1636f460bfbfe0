import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** `up`: from whoever calls to the server behind; `down`: its answers. */
export type Direction = 'up' | 'down'

/** What is wrong with the wire. All that is set holds at once; connections that are open feel it from the next bytes on. */
export type WireFault = {
  /** Each piece arrives this much later, plus up to `jitterMs` more. */
  readonly latencyMs?: number
  readonly jitterMs?: number
  /** Most bytes in a second, in each connection. */
  readonly bytesPerSecond?: number
  /** Pieces of at most so many bytes. */
  readonly sliceBytes?: number
  /** Nothing gets through; the connection stays open. */
  readonly isBlackHole?: boolean
  /** After so many bytes the connection is cut like a cable: nothing more comes, nobody is told. */
  readonly holdAfterBytes?: number
  /** After so many bytes both ends are reset (RST). */
  readonly resetAfterBytes?: number
  /** After so many bytes this direction is ended in good order (FIN), as if all had been said; the other stays open. */
  readonly endAfterBytes?: number
}

export type FaultProxy = {
  readonly port: number
  /** Sets what is wrong in one direction, or in both; null mends it. */
  readonly spoil: (fault: WireFault | null, direction?: Direction) => void
  /** Refuses new connections, or takes them again. */
  readonly refuse: (isRefusing: boolean) => void
  /** Resets all connections that are open. Answers how many. */
  readonly resetAll: () => number
  readonly open: () => number
  readonly close: () => Promise<void>
}

/** A TCP proxy on the loopback in front of `target`, whose wire can be spoiled while connections are open. `chance` in [0, 1) draws the jitter. */
export async function faultProxy(
  target: { readonly host?: string; readonly port: number },
  chance: () => number = Math.random,
): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const faults: Record<Direction, WireFault> = { up: {}, down: {} }
  let isRefusing = false

  const server = createServer({ allowHalfOpen: true, noDelay: true }, near => {
    if (isRefusing) {
      near.resetAndDestroy()
      return
    }
    const far = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true, noDelay: true })
    const pair = [near, far] as const
    pairs.add(pair)
    // Whichever end breaks, the other is told in the same way.
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => other.resetAndDestroy())
      one.on('close', hadError => {
        pairs.delete(pair)
        if (hadError) other.resetAndDestroy()
        else other.destroy()
      })
    }
    void carry(near, far, () => faults.up, chance)
    void carry(far, near, () => faults.down, chance)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')

  const resetAll = (): number => {
    const all = [...pairs]
    for (const [near, far] of all) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    return all.length
  }
  return {
    port: address.port,
    spoil: (fault, direction) => {
      for (const way of direction === undefined ? (['up', 'down'] as const) : [direction]) faults[way] = fault ?? {}
    },
    refuse: refusing => {
      isRefusing = refusing
    },
    resetAll,
    open: () => pairs.size,
    close: async () => {
      resetAll()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Carries one direction of a connection, piece by piece, through whatever is wrong just then. A piece is read only after the one before is through. */
async function carry(from: Socket, to: Socket, fault: () => WireFault, chance: () => number): Promise<void> {
  let carried = 0
  try {
    for await (const chunk of from as AsyncIterable<Buffer>)
      for (const piece of slices(chunk, fault())) {
        const { latencyMs = 0, jitterMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = fault()
        const delayMs = latencyMs + jitterMs * chance() + (piece.length / bytesPerSecond) * 1_000
        if (delayMs > 0) await wait(delayMs)
        while (fault().isBlackHole) await pause(from, to)
        const left = leftOf(fault(), carried)
        const part = piece.subarray(0, left.bytes)
        carried += part.length
        if (part.length > 0 && !to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')])
        if (part.length === piece.length) continue
        if (left.ending === 'reset') {
          to.resetAndDestroy()
          from.resetAndDestroy()
        } else if (left.ending === 'end') to.end()
        else await once(from, 'close')
        return
      }
    to.end()
  } catch {
    // One end broke; its handler tells the other.
  }
}

function* slices(chunk: Buffer, { sliceBytes = Number.POSITIVE_INFINITY }: WireFault): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes)
}

type Left = { readonly bytes: number; readonly ending: 'reset' | 'end' | 'hold' | null }

function leftOf({ resetAfterBytes, endAfterBytes, holdAfterBytes }: WireFault, carried: number): Left {
  const limits = [
    { bytes: resetAfterBytes, ending: 'reset' as const },
    { bytes: endAfterBytes, ending: 'end' as const },
    { bytes: holdAfterBytes, ending: 'hold' as const },
  ]
  let least: Left = { bytes: Number.POSITIVE_INFINITY, ending: null }
  for (const { bytes, ending } of limits)
    if (bytes !== undefined && bytes - carried < least.bytes) least = { bytes: Math.max(0, bytes - carried), ending }
  return least
}

async function pause(from: Socket, to: Socket): Promise<void> {
  if (from.destroyed || to.destroyed) throw new Error('the connection is gone')
  await wait(10)
}

const once = (socket: Socket, event: 'drain' | 'close'): Promise<void> =>
  new Promise(resolve => (socket.destroyed ? resolve() : socket.once(event, () => resolve())))
