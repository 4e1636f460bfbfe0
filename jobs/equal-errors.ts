/**
 * Lets the first of a row of equal errors through, and counts the rest: a connection that is tried every half second says the same every
 * half second.
 */
export function firstOfEqual(listener: (error: Error, repeated: number) => void): (error: Error) => void {
  let last: string | undefined
  let repeated = 0
  return error => {
    if (error.message === last) {
      repeated++
      return
    }
    listener(error, repeated)
    last = error.message
    repeated = 0
  }
}
