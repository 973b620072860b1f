import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ServerEvent, eventParser, openEventLine, waitBefore } from '@/api/sse'

describe('eventParser', () => {
  const parse = (chunks: string[]): ServerEvent[] => {
    const events: ServerEvent[] = []
    const feed = eventParser((event) => events.push(event))
    for (const chunk of chunks) feed(chunk)
    return events
  }
  const text = ': hello\n\nevent: state\ndata: {"a":1}\n\nid: 7\nevent: card\ndata: one\ndata: two\n\ndata:bare\n\n'

  it('reads events, comments and several data lines', () => {
    expect(parse([text])).toEqual([
      { event: 'state', data: '{"a":1}', id: '' }, { event: 'card', data: 'one\ntwo', id: '7' }, { event: 'message', data: 'bare', id: '7' },
    ])
  })
  it('reads the same however it is cut, and with every line end', () => {
    for (const kind of [text, text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r')]) {
      // With bare CR the very last one may still become a CRLF: a following line settles it.
      const whole = parse([kind, ':\n'])
      for (let size = 1; size < 9; size++) {
        const chunks = Array.from({ length: Math.ceil(kind.length / size) }, (_, at) => kind.slice(at * size, (at + 1) * size))
        expect(parse([...chunks, ':\n'])).toEqual(whole)
      }
      expect(whole).toHaveLength(3)
    }
  })
})

describe('openEventLine', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('waits longer each time, and not for ever', () => {
    expect([1, 2, 3, 10].map((attempt) => waitBefore(attempt, 0.5))).toEqual([500, 1000, 2000, 15_000])
  })

  it('says when the line drops, comes back by itself and delivers again', async () => {
    const seen: string[] = []
    let up = false
    vi.stubGlobal('fetch', vi.fn(async () => {
      if (!up) throw new TypeError('no line')
      return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('event: state\ndata: 1\n\n')) } }))
    }))
    const line = openEventLine('/x', { onEvent: (event) => seen.push(event.event), onLine: (state, attempt) => seen.push(`${state} ${attempt}`) })
    await vi.advanceTimersByTimeAsync(700)
    up = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(seen.slice(0, 3)).toEqual(['connecting 0', 'down 1', 'down 2'])
    expect(seen.slice(-2)).toEqual(['open 0', 'state'])
    line.close()
    const calls = vi.mocked(fetch).mock.calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.mocked(fetch).mock.calls.length).toBe(calls)
  })

  it('takes silence for a dead line', async () => {
    const seen: string[] = []
    vi.stubGlobal('fetch', vi.fn(async (request: Request) => new Response(new ReadableStream({
      start(c) { request.signal.addEventListener('abort', () => c.error(new Error('aborted'))) },
    }))))
    const line = openEventLine('/x', { onEvent: () => undefined, onLine: (state) => seen.push(state) })
    await vi.advanceTimersByTimeAsync(41_000)
    expect(seen).toContain('down')
    line.close()
  })
})
