// Server-sent events over fetch: EventSource cannot carry an Authorization header.
import { authorisedFetch } from './client'

export interface ServerEvent { event: string; data: string; id: string }

/** Cuts a stream of text into events (WHATWG HTML, section 9.2.6). Feed it chunks as they come. */
export function eventParser(emit: (event: ServerEvent) => void): (chunk: string) => void {
  let buffer = ''
  let event = ''
  let data: string[] = []
  let id = ''
  const line = (text: string): void => {
    if (text === '') {
      if (data.length > 0) emit({ event: event === '' ? 'message' : event, data: data.join('\n'), id })
      event = ''
      data = []
      return
    }
    if (text.startsWith(':')) return
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id') id = value
  }
  return (chunk) => {
    buffer += chunk
    // A carriage return at the very end may be half of a CRLF: it waits for the next chunk.
    const parts = buffer.split(/\r\n|\n|\r(?!$)/)
    buffer = parts.pop() ?? ''
    for (const part of parts) line(part)
  }
}

export type LineState = 'connecting' | 'open' | 'down'

export interface EventLine { close(): void; retryNow(): void }

interface Options {
  onEvent(event: ServerEvent): void
  onLine(state: LineState, attempt: number): void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** The server sends a comment at least this often; silence for longer is a dead line. */
const SILENCE_MS = 40_000

export function waitBefore(attempt: number, chance: number): number {
  const base = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
  return Math.round(base * (0.75 + chance / 2))
}

/** Keeps one stream open until closed: reconnects with growing waits, at once when the browser says that it is online again. */
export function openEventLine(url: string, { onEvent, onLine }: Options): EventLine {
  let closed = false
  let attempt = 0
  let abort = new AbortController()
  let wake: (() => void) | null = null

  async function once(): Promise<void> {
    abort = new AbortController()
    let alarm = 0
    const alive = (): void => {
      globalThis.clearTimeout(alarm)
      alarm = Number(globalThis.setTimeout(() => abort.abort(), SILENCE_MS))
    }
    alive()
    try {
      const answer = await authorisedFetch(new Request(new URL(url, globalThis.location.origin), {
        headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal: abort.signal,
      }))
      if (!answer.ok || answer.body === null) return
      attempt = 0
      onLine('open', 0)
      const reader = answer.body.getReader()
      const decoder = new TextDecoder()
      const feed = eventParser(onEvent)
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        alive()
        feed(decoder.decode(value, { stream: true }))
      }
    } catch {
      // The loop below says "down" and tries again.
    } finally {
      globalThis.clearTimeout(alarm)
    }
  }

  async function run(): Promise<void> {
    onLine('connecting', 0)
    while (!closed) {
      await once()
      if (closed) return
      attempt += 1
      onLine('down', attempt)
      await new Promise<void>((resolve) => {
        const timer = globalThis.setTimeout(resolve, waitBefore(attempt, Math.random()))
        wake = () => { globalThis.clearTimeout(timer); resolve() }
      })
      wake = null
    }
  }

  const retryNow = (): void => wake?.()
  globalThis.addEventListener('online', retryNow)
  void run()
  return {
    retryNow,
    close() {
      closed = true
      abort.abort()
      wake?.()
      globalThis.removeEventListener('online', retryNow)
    },
  }
}
