/** `1 line`, `12 lines`; `many` where that is no plain s. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
