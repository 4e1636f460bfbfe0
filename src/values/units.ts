/** The most base units that a person or a program may name in one line. Far more than any shelf holds, and sums of many lines stay numbers. */
export const UNITS_MOST = 10_000_000

/** The most that a location can hold of a SKU, and that a channel is told: PostgreSQL's int. */
export const UNITS_HELD_MOST = 2_147_483_647
