import { EDGE_REACH, KIT_FOR_HTTP, LISTS, MAY_KNOW, NODE_MODULES, PACKAGES, platformOf, type Room, roomOf } from './rooms.ts'
import { type Import, importsOf, packageOf, resolveImport } from './sources.ts'

/** Sources by their path below the project's root. */
export type Sources = Readonly<Record<string, string>>

/** Who imports what he may not, each as "file: what is wrong". */
export function borderOffences(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, source]) =>
    importsOf(source).flatMap(one => {
      const wrong = wrongImport(path, one)
      return wrong === null ? [] : [`${path}: ${wrong}`]
    }),
  )
}

/** What the Worker would carry that it must not: everything that `src/edge.ts` reaches, through whatever file. */
export function edgeOffences(sources: Sources): string[] {
  const offences: string[] = []
  const trail = new Map<string, string>([['src/edge.ts', '']])
  for (const [path, via] of trail) {
    const way = via === '' ? '' : ` (through ${via})`
    const source = sources[path]
    if (source === undefined) continue
    if (!EDGE_REACH.some(pattern => pattern.test(path))) offences.push(`src/edge.ts: reaches ${path}${way}`)
    for (const one of importsOf(source).filter(found => !found.isTypeOnly)) {
      const target = resolveImport(path, one.target)
      if (one.target.startsWith('.')) {
        if (!trail.has(target)) trail.set(target, path)
      } else if (!['hono', 'postgres', 'node:crypto'].includes(packageOf(target)))
        offences.push(`src/edge.ts: reaches ${target} (through ${path})`)
    }
  }
  return offences
}

function wrongImport(path: string, one: Import): string | null {
  const target = resolveImport(path, one.target)
  if (one.target.startsWith('.')) return isPlayed(path, target, one) ? null : wrongFile(path, target)
  if (!one.target.startsWith('node:')) return wrongPackage(path, target)
  // Node's types also describe what every platform has, such as Web Crypto, and are gone when the program is built.
  return one.isTypeOnly ? null : wrongNode(path, target)
}

function wrongFile(path: string, target: string): string | null {
  const [room, other] = [roomOf(path), roomOf(target)]
  if (room === null || room === 'test' || room === 'settings') return null
  if (other === null) return /^package\.json$|\.(json|css)$/.test(target) ? null : `imports ${target}, which belongs to no room`
  if (other === 'test') return `imports ${target}: only tests know tests`
  const [own, theirs] = [platformOf(path), platformOf(target)]
  if (own !== null && theirs !== null && own !== theirs) return `imports ${target}: connectors do not know each other`
  if (room !== other && !MAY_KNOW[room].includes(other)) return `${room} may not know ${other} (${target})`
  if (['http', 'ui', 'app', 'edge'].includes(room) && other === 'kit' && !KIT_FOR_HTTP.includes(target))
    return `${room} sees webhooks.ts and contract.ts of connectors only, not ${target}`
  if (room === 'kit' && other === 'connector' && !target.endsWith(`/${LISTS[path] ?? '\0'}`))
    return `the connectors' kit may not know ${target}`
  return null
}

/** The registry names how each platform is played, but nobody who reads it loads a sandbox with it. */
function isPlayed(path: string, target: string, { isLazy, isTypeOnly }: Import): boolean {
  return (
    path === 'connectors/registry.ts' &&
    ((isLazy && /^connectors\/[^/]+\/sandbox\.ts$/.test(target)) || (isTypeOnly && target === 'connectors/sandbox-played.ts'))
  )
}

function wrongNode(path: string, target: string): string | null {
  const room = roomOf(path)
  const allowed = room === null ? undefined : /^connectors\/([^/]+\/webhook|webhooks)\.ts$/.test(path) ? [] : NODE_MODULES[room]
  return allowed === undefined || allowed.includes(target.slice('node:'.length)) ? null : `${room} may not use ${target}`
}

function wrongPackage(path: string, target: string): string | null {
  const room = roomOf(path)
  if (room === null || room === 'test' || room === 'settings') return null
  const users: readonly (Room | string)[] | undefined = PACKAGES[packageOf(target)]
  if (users === undefined) return `package ${packageOf(target)} is not in the table of test/support/architecture/rooms.ts`
  return users.includes(room) || users.includes(path) ? null : `${room} may not use the package ${packageOf(target)}`
}
