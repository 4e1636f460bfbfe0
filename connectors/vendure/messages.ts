import type { MessageReading } from '../contract.ts'

/** Vendure sends nothing by itself: whatever comes is not from it. */
export function readMessage(topic: string): MessageReading {
  return { kind: 'nothing', why: `Vendure sends no messages; "${topic}" concerns no order` }
}
