// The desk's script, part 1: words, times, and elements. Text is only ever set as text, never as markup.
globalThis.concordDesk = {}
;(desk => {
  const root = document.getElementById('desk')
  if (!root) return
  desk.root = root
  desk.views = {}
  desk.words = JSON.parse(root.dataset.words)
  desk.store = root.dataset.store
  desk.csrf = root.dataset.csrf
  desk.clerks = JSON.parse(root.dataset.clerks)

  desk.fill = (text, holes = {}) => text.replace(/\{(\w+)\}/g, (_, name) => String(holes[name] ?? ''))
  desk.say = (name, holes) => desk.fill(desk.words[name], holes)

  /** Children without what is not there. */
  desk.shown = children =>
    children.flat(Number.POSITIVE_INFINITY).filter(child => child !== null && child !== undefined && child !== false && child !== '')

  /** An element: `h('button.large', {onclick}, 'text', other)`. */
  desk.h = (name, given, ...children) => {
    const [tag, ...classes] = name.split('.')
    const element = document.createElement(tag || 'div')
    if (classes.length > 0) element.className = classes.join(' ')
    for (const [key, value] of Object.entries(given ?? {})) {
      if (value === null || value === undefined || value === false) continue
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
      else element.setAttribute(key, value === true ? '' : String(value))
    }
    element.append(...desk.shown(children))
    return element
  }

  const span = ms => {
    const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000))
    if (minutes < 100) return desk.say('minutes', { n: minutes })
    const hours = Math.round(minutes / 60)
    return hours < 48 ? desk.say('hours', { n: hours }) : desk.say('days', { n: Math.round(hours / 24) })
  }

  /** How a group stands against its promise: what to say, and how bad it is. */
  desk.timeOf = group => {
    const now = Date.now() + desk.clockMs
    if (group.state === 'ready') {
      if (!group.collectBy) return { text: '', tone: '' }
      const until = new Date(group.collectBy)
      const day = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'short', day: 'numeric', month: 'short' }).format(until)
      return until.getTime() < now ? { text: desk.say('keptOver'), tone: 'bad' } : { text: desk.say('keptUntil', { day }), tone: '' }
    }
    if (!group.readyBy) return { text: desk.say('placed', { time: span(now - Date.parse(group.placedAt)) }), tone: '' }
    const left = Date.parse(group.readyBy) - now
    if (left < 0) return { text: desk.say('late', { time: span(left) }), tone: 'bad' }
    return { text: desk.say('within', { time: span(left) }), tone: left < 15 * 60_000 ? 'wait' : 'good' }
  }

  /** Whose it is. A device that opened without the network knows no names. */
  desk.nameOf = group => (group.isKept ? desk.say('nameLater') : (group.buyer ?? desk.say('noName')))

  desk.unitsOf = lines => lines.reduce((sum, line) => sum + line.open, 0)
  desk.pickedOf = lines => lines.reduce((sum, line) => sum + line.picked, 0)
  desk.unitsText = n => (n === 1 ? desk.say('unit') : desk.say('units', { n }))

  /** A short tone: a scanner's user does not look at the screen. */
  desk.beep = isGood => {
    try {
      desk.audio ??= new AudioContext()
      const tone = desk.audio.createOscillator()
      tone.frequency.value = isGood ? 1200 : 240
      tone.connect(desk.audio.destination)
      tone.start()
      tone.stop(desk.audio.currentTime + (isGood ? 0.07 : 0.3))
    } catch {
      // Without sound the screen still says it.
    }
  }

  desk.key = () => {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  /** Whether this is the code of the group; null where the device cannot tell and the hub decides. */
  desk.isCode = async (group, code) => {
    if (!group.codeMark || !crypto.subtle) return null
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${group.id}:${code}`))
    return [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('') === group.codeMark
  }
})(globalThis.concordDesk)
