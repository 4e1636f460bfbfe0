import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MB = 1024 * 1024

/** Watches the memory of this process, which is that of the API; what is there now is idle. Answers the most above it, MB. */
export function watchMemory(): { readonly stop: () => number } {
  const idle = process.memoryUsage.rss()
  let most = idle
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  return {
    stop: () => {
      clearInterval(timer)
      return (most - idle) / MB
    },
  }
}

/** Collects what is garbage now. */
export function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc === 'function') gc()
}
