/** What a line says of its units that are still promised. */
export type PromisedLine = {
  readonly id: number
  readonly reserved: number
  readonly shipped: number
  /** The buyer collects them in a store. */
  readonly isCollected: boolean
  /** Units of which the platform was told, and did not refuse, that they may be collected. */
  readonly toldReady: number
}

export type LeftUnits = readonly { readonly lineId: number; readonly quantity: number }[]

/**
 * What is left to be sent, and what is left to be told as ready for its buyer. Of an order that is collected in part, the one part is sent and the other told; where nothing
 * is marked as collected the platform may know better than we do, and where all of it is, it may be sent after all: then both are the whole.
 */
export function leftToHandOver(lines: readonly PromisedLine[]): { readonly send: LeftUnits; readonly tell: LeftUnits } {
  const open = lines.filter(line => line.reserved > 0)
  const part = (isCollected: boolean): readonly PromisedLine[] => {
    const own = open.filter(line => line.isCollected === isCollected)
    return own.length === 0 && lines.every(line => line.isCollected !== isCollected) ? open : own
  }
  return {
    send: part(false).map(line => ({ lineId: line.id, quantity: line.reserved })),
    tell: part(true)
      // Whoever was told first has been served first.
      .map(line => ({ lineId: line.id, quantity: line.reserved - Math.max(0, line.toldReady - line.shipped) }))
      .filter(line => line.quantity > 0),
  }
}

export const unitsIn = (lines: LeftUnits): number => lines.reduce((sum, line) => sum + line.quantity, 0)
