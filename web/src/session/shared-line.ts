// One stream of events for all tabs of a browser: a browser has six connections per server, and a stream holds one for ever.
// The tab that holds the lock has the stream and tells the others; when it goes, the next one takes over.
import { type EventLine, type LineState, type ServerEvent, openEventLine } from '@/api/sse'

interface Handlers {
  onEvent(event: ServerEvent): void
  onLine(state: LineState, attempt: number): void
}

type Word =
  /** A tab that has just come: how is the line, and how does the reader stand? */
  | { say: 'who' }
  | { say: 'line'; state: LineState; attempt: number }
  | { say: 'event'; event: ServerEvent }
  | { say: 'retry' }

/** The stream at `url`, this tab's own or another's. Where a browser has no locks (plain HTTP over a network), its own. */
export function openSharedLine(url: string, handlers: Handlers): EventLine {
  const { locks } = navigator as { locks?: LockManager }
  if (locks === undefined || typeof BroadcastChannel === 'undefined') return openEventLine(url, handlers)

  const channel = new BroadcastChannel(`dianka-line ${url}`)
  const ended = new AbortController()
  let own: EventLine | null = null
  let letGo: () => void = () => undefined
  let line: { state: LineState; attempt: number } = { state: 'connecting', attempt: 0 }
  let reader: ServerEvent | null = null
  const tell = (word: Word): void => channel.postMessage(word)

  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (own !== null) {
      if (data.say === 'retry') own.retryNow()
      if (data.say !== 'who') return
      tell({ say: 'line', ...line })
      if (reader !== null) tell({ say: 'event', event: reader })
    } else if (data.say === 'line') {
      // The answer to another tab's question is no news to this one.
      if (data.state === line.state && data.attempt === line.attempt) return
      line = { state: data.state, attempt: data.attempt }
      handlers.onLine(data.state, data.attempt)
    } else if (data.say === 'event') handlers.onEvent(data.event)
  }

  function open(): void {
    own = openEventLine(url, {
      onEvent(event) {
        if (event.event === 'state') reader = event
        handlers.onEvent(event)
        tell({ say: 'event', event })
      },
      onLine(state, attempt) {
        line = { state, attempt }
        if (state !== 'open') reader = null
        handlers.onLine(state, attempt)
        tell({ say: 'line', state, attempt })
      },
    })
  }

  tell({ say: 'who' })
  const held = locks.request(`dianka-line ${url}`, { signal: ended.signal }, () => new Promise<void>((resolve) => {
    letGo = resolve
    if (ended.signal.aborted) resolve()
    else open()
  }))
  // Given up before its turn came.
  held.catch(() => undefined)

  return {
    retryNow: () => (own === null ? tell({ say: 'retry' }) : own.retryNow()),
    close() {
      ended.abort()
      own?.close()
      letGo()
      channel.close()
    },
  }
}
