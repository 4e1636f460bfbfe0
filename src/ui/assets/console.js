// The console's own script. Pages work without it; it shows times in the reader's zone, says whether the page is live, and
// sends people to the login when their session has ended.
;(() => {
  const language = document.documentElement.lang || 'en'
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'always', style: 'short' })
  // How long something may wait to be sent before it is worth an eye, and before it is trouble.
  const LATE_MS = 60_000
  const VERY_LATE_MS = 600_000

  const two = number => String(number).padStart(2, '0')
  const clock = at => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  // Year first, as on the server: day and month are never taken for each other.
  const dated = at => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at)}`
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long' })

  const ago = ms => {
    const seconds = Math.round(ms / 1000)
    const size = Math.abs(seconds)
    if (size < 60) return relative.format(-seconds, 'second')
    if (size < 3600) return relative.format(-Math.round(seconds / 60), 'minute')
    if (size < 86400) return relative.format(-Math.round(seconds / 3600), 'hour')
    return relative.format(-Math.round(seconds / 86400), 'day')
  }

  // Times are the reader's own from here on, so the page names that zone instead of UTC.
  const zone = document.querySelector('[data-zone]')
  if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone.replace('_', ' ')

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text
  }

  const tick = () => {
    const now = Date.now()
    for (const element of document.querySelectorAll('time[data-ago], time[data-at]')) {
      const at = new Date(element.dateTime)
      if (Number.isNaN(at.getTime())) continue
      if (element.hasAttribute('data-late')) {
        const ms = now - at.getTime()
        element.classList.toggle('late', ms > LATE_MS && ms <= VERY_LATE_MS)
        element.classList.toggle('very-late', ms > VERY_LATE_MS)
      }
      if (element.hasAttribute('data-ago')) write(element, ago(now - at.getTime()))
      else write(element, (at.toDateString() === new Date(now).toDateString() ? clock : dated)(at))
      const title = full.format(at)
      if (element.title !== title) element.title = title
    }
  }
  tick()
  setInterval(tick, 1000)
  document.addEventListener('htmx:after:swap', tick)
  document.addEventListener('htmx:after:settle', tick)

  // A refused login keeps the address. It stays in this tab: an address of a page would be written to logs.
  const email = document.querySelector('form[action="/login"] input[name=email]')
  if (email) {
    const kept = sessionStorage.getItem('concord-login')
    if (kept && document.querySelector('form[action="/login"] [role=alert]')) {
      email.value = kept
      email.form.elements.password.focus()
    }
    sessionStorage.removeItem('concord-login')
    email.form.addEventListener('submit', () => sessionStorage.setItem('concord-login', email.value))
  } else sessionStorage.removeItem('concord-login')

  const live = state => {
    const mark = document.getElementById('live-mark')
    if (mark) mark.dataset.live = state
  }
  document.addEventListener('htmx:sse:after:connection', () => live('on'))
  document.addEventListener('htmx:sse:after:message', event => live(event.detail?.message?.event === 'trouble' ? 'lost' : 'on'))
  document.addEventListener('htmx:sse:error', () => live('lost'))
  document.addEventListener('htmx:sse:close', () => live('off'))

  // A refresh in the background that ends at the login means that the session is over: show it instead of going stale.
  document.addEventListener('htmx:before:response', event => {
    const response = event.detail?.ctx?.response?.raw
    if (response?.status === 401 || (response?.redirected && new URL(response.url).pathname === '/login')) location.reload()
  })

  // After a form the keyboard goes on where it was: at the message that says what happened.
  document.addEventListener('htmx:after:swap', event => {
    if (event.detail?.ctx?.request?.method?.toUpperCase() !== 'POST') return
    const flash = document.querySelector('#flash .flash')
    if (flash) flash.scrollIntoView({ block: 'nearest' })
  })

  // A scanner does not wait: what it typed goes off with a key of its own, and the field is empty for the next code at once.
  document.addEventListener('htmx:config:request', event => {
    const form = event.target.closest?.('form[data-scan]')
    const body = event.detail?.ctx?.request?.body
    if (!form || !body?.set) return
    const random = crypto.getRandomValues(new Uint8Array(16))
    const hex = [...random].map(byte => byte.toString(16).padStart(2, '0')).join('')
    body.set('_key', hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))
    form.elements.code.value = ''
    form.elements.code.focus()
  })

  // Long work tells how far it is, as lines of JSON; the last one brings the part of the page that it was for.
  const follow = async (response, place) => {
    const text = response.body.pipeThrough(new TextDecoderStream()).getReader()
    const bar = document.createElement('progress')
    const words = document.createElement('p')
    words.className = 'panel-note'
    place.replaceChildren(bar, words)
    let rest = ''
    for (let part = await text.read(); !part.done; part = await text.read()) {
      const lines = (rest + part.value).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        const step = JSON.parse(line)
        if (step.html !== undefined) place.innerHTML = step.html
        else if (step.words !== undefined) words.textContent = step.words
        if (step.of > 0) [bar.max, bar.value] = [step.of, step.done]
        else if (step.done === undefined) bar.remove()
      }
    }
    if (place.contains(bar)) throw new Error('the work broke off')
  }
  document.addEventListener('click', async event => {
    const button = event.target.closest?.('button[data-steps]')
    const place = button && document.getElementById(button.dataset.steps)
    if (!place || !button.form.reportValidity()) return
    event.preventDefault()
    if (button.getAttribute('aria-busy') === 'true') return
    button.setAttribute('aria-busy', 'true')
    try {
      const body = new URLSearchParams(new FormData(button.form, button))
      const response = await fetch(button.form.action, { method: 'POST', body, headers: { accept: 'application/x-ndjson' } })
      // Whoever is not logged in any more, or not allowed, reads so on the page itself.
      if (!response.headers.get('content-type')?.includes('ndjson')) return location.reload()
      await follow(response, place)
      tick()
      place.scrollIntoView({ block: 'start', behavior: 'smooth' })
    } catch {
      place.textContent = place.dataset.broken
    } finally {
      button.removeAttribute('aria-busy')
    }
  })

  // A second click while the first is under way sends the same key again, which counts once; the button shows that it was heard.
  document.addEventListener('submit', event => {
    // A scanner's form stays as it is and takes the next code at once.
    if (event.target.hasAttribute('data-scan')) return
    for (const button of event.target.querySelectorAll('button[type=submit]')) button.setAttribute('aria-busy', 'true')
  })
})()
