/** One `import`, `export … from` or `import(…)` of a file; a lazy one is loaded only where that line is reached. */
export type Import = { readonly target: string; readonly isTypeOnly: boolean; readonly isLazy: boolean }

/** Every import of a source, in order. A type-only one is erased when the program is built, but knowing is knowing. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source)
  const statements =
    /^[ \t]*(?:import|export)\b([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/gm
  return [...code.matchAll(statements)].map(([, clause = '', from, bare, dynamic]) => ({
    target: from ?? bare ?? dynamic ?? '',
    isTypeOnly: from !== undefined && isTypeOnly(clause),
    isLazy: dynamic !== undefined,
  }))
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true
  const named = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]
  const names = named?.split(',').filter(name => name.trim() !== '')
  return names !== undefined && names.length > 0 && names.every(name => /^\s*type\s/.test(name))
}

/** The path below the root that a relative import means; a package or a Node module stays as it is. */
export function resolveImport(from: string, target: string): string {
  if (!target.startsWith('.')) return target
  const parts = from.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** The package of an import: `@scope/name` or `name`, without what follows. */
export function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The source with comments blanked, so that a word in a sentence is no offence. Line numbers stay. */
export function withoutComments(source: string): string {
  return source.replace(TOKENS, token => (token.startsWith('//') || token.startsWith('/*') ? blank(token) : token))
}

/** The source with comments and the contents of strings blanked: only code is left. Line numbers stay. */
export function codeOf(source: string): string {
  return source.replace(TOKENS, token => (/^['"`]/.test(token) ? `${token[0]}${blank(token.slice(1, -1))}${token[0]}` : blank(token)))
}

/** Comments, strings, and regular expressions where one can stand (they may hold quotes). */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
