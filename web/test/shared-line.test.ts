import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventLine, LineState, ServerEvent } from '@/api/sse'

interface Stream { onEvent(event: ServerEvent): void; onLine(state: LineState, attempt: number): void; closed: boolean; retried: number }
const streams: Stream[] = []
vi.mock('@/api/sse', () => ({
  openEventLine: (_url: string, handlers: Omit<Stream, 'closed' | 'retried'>): EventLine => {
    const stream = { ...handlers, closed: false, retried: 0 }
    streams.push(stream)
    return { close: () => { stream.closed = true }, retryNow: () => { stream.retried += 1 } }
  },
}))
const { openSharedLine } = await import('@/session/shared-line')

/** Locks of one browser: one holder for each name, the others in turn. */
function locks() {
  const held = new Map<string, Promise<unknown>>()
  return {
    request(name: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>) {
      const before = held.get(name) ?? Promise.resolve()
      const mine = before.catch(() => undefined).then(() => { if (signal.aborted) throw new Error('aborted'); return work() })
      held.set(name, mine)
      return mine
    },
  }
}

const heard = () => ({ events: [] as string[], lines: [] as string[] })
function tab(log: ReturnType<typeof heard>, url = '/events/w') {
  return openSharedLine(url, { onEvent: ({ data }) => { log.events.push(data) }, onLine: (state) => { log.lines.push(state) } })
}
const event = (name: string, data: string): ServerEvent => ({ event: name, data, id: '' })
/** Channels deliver in tasks of their own. */
const settle = () => new Promise((resolve) => { setTimeout(resolve, 30) })

beforeEach(() => {
  streams.length = 0
  vi.stubGlobal('navigator', { locks: locks() })
})
afterEach(() => vi.unstubAllGlobals())

describe('the stream that tabs share', () => {
  it('is one for all of them, and each hears everything', async () => {
    const logs = [heard(), heard(), heard()]
    const tabs = logs.map((log) => tab(log))
    await settle()
    expect(streams).toHaveLength(1)
    streams[0]?.onLine('open', 0)
    streams[0]?.onEvent(event('state', 'reader'))
    streams[0]?.onEvent(event('card', 'card'))
    await settle()
    for (const log of logs) expect(log).toEqual({ events: ['reader', 'card'], lines: ['open'] })
    tabs.forEach((one) => one.close())
  })

  it('tells a tab that comes later how the reader stands', async () => {
    const first = tab(heard())
    await settle()
    streams[0]?.onLine('open', 0)
    streams[0]?.onEvent(event('state', 'empty'))
    streams[0]?.onEvent(event('state', 'card in'))
    const log = heard()
    const late = tab(log)
    await settle()
    expect(log).toEqual({ events: ['card in'], lines: ['open'] })
    late.retryNow()
    await settle()
    expect(streams[0]?.retried).toBe(1)
    late.close()
    first.close()
  })

  it('goes over to another tab when its own one closes', async () => {
    const [first, log] = [tab(heard()), heard()]
    const second = tab(log)
    await settle()
    first.close()
    await settle()
    expect(streams.map((one) => one.closed)).toEqual([true, false])
    streams[1]?.onLine('open', 0)
    streams[1]?.onEvent(event('state', 'anew'))
    expect(log).toEqual({ events: ['anew'], lines: ['open'] })
    second.close()
  })

  it('is another one for another counter, and nobody waits for one that gave up', async () => {
    const first = tab(heard())
    const gaveUp = tab(heard())
    const other = tab(heard(), '/events/x')
    await settle()
    expect(streams).toHaveLength(2)
    gaveUp.close()
    first.close()
    await settle()
    expect(streams).toHaveLength(2)
    other.close()
  })

  it("is the tab's own where the browser has no locks", () => {
    vi.stubGlobal('navigator', {})
    tab(heard()).close()
    tab(heard()).close()
    expect(streams.map((one) => one.closed)).toEqual([true, true])
  })
})
