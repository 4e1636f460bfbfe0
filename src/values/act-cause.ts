/** Why an order or a part of it is cancelled, in the field's words; each platform has words of its own for them. */
export const CANCEL_CAUSES = ['customer', 'stock', 'undeliverable', 'price', 'fraud', 'other'] as const
/** Why money goes back: also because of goods that had left. `lost`: never received; `faulty`: not what was promised. */
export const REFUND_CAUSES = [...CANCEL_CAUSES, 'returned', 'lost', 'faulty'] as const

export type CancelCause = (typeof CANCEL_CAUSES)[number]
export type ActCause = (typeof REFUND_CAUSES)[number]
