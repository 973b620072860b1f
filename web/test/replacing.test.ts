import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import type { Replacement, ReplacementRequest } from '@/api/types'
import { type ReplacePorts, replacing } from '@/counter/replace/replacing'

const one = (over: Partial<Replacement> = {}): Replacement => ({
  id: 'r-1', state: 'committed', account_id: 'acc-1', user_no: '00000161', name: 'Wang', sale_id: 's-1', count: 2, quantity_wh: 50_000, meter_no: '00001234',
  reason: 'lost', old_card_no: 1, card_no: 2, workstation_id: 'w', step: null, problem: null, authorised_at: '2026-01-01T00:00:00Z', committed_at: null, ...over,
})

function page(over: Partial<ReplacePorts> = {}) {
  const ports = {
    replace: vi.fn(async (body: ReplacementRequest) => one({ id: body.id })),
    replacement: vi.fn(async (id: string) => one({ id })),
    resume: vi.fn(async (id: string) => one({ id, state: 'authorised', step: 'writing' })),
    workstation: () => 'w',
    ...over,
  }
  return { ports, ...replacing('acc-1', ports) }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('a replacement card', () => {
  it('is one request for one click', async () => {
    const p = page()
    p.state.reason = 'damaged'
    await Promise.all([p.go(), p.go()])
    expect(p.ports.replace).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ account_id: 'acc-1', workstation_id: 'w', reason: 'damaged' }))
    expect(p.state.current?.state).toBe('committed')
  })

  it('sends the same request again after a lost answer, and a new one after a refusal', async () => {
    const replace = vi.fn<(body: ReplacementRequest) => Promise<Replacement>>()
    replace.mockRejectedValueOnce(new Problem('offline')).mockRejectedValueOnce(new Problem('card.not_blank', {}, 409)).mockImplementation(async (body) => one({ id: body.id }))
    const p = page({ replace })
    await p.go()
    expect(p.state).toMatchObject({ unanswered: true, current: null })
    await p.go()
    const [first, second] = replace.mock.calls.map(([body]) => body.id)
    expect(second).toBe(first)
    expect(p.state).toMatchObject({ unanswered: false, refusal: { code: 'card.not_blank' } })
    await p.go()
    expect(replace.mock.calls[2]?.[0].id).not.toBe(first)
    expect(p.state).toMatchObject({ unanswered: false, refusal: null })
  })

  it('is followed to its end while it waits, and an old answer never takes the end back', async () => {
    const answers = [one({ state: 'authorised', step: 'waiting-card' }), one()]
    const p = page({ replacement: vi.fn(async () => answers.shift() ?? one()) })
    p.apply(one({ state: 'authorised', step: 'waiting-card' }))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(p.state.current?.state).toBe('authorised')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(p.state.current?.state).toBe('committed')
    p.apply(one({ state: 'authorised', step: 'writing' }))
    expect(p.state.current?.state).toBe('committed')
  })

  it('is not that of another account, and stops with its page', async () => {
    const p = page()
    p.apply(one({ account_id: 'acc-2' }))
    expect(p.state.current).toBeNull()
    p.apply(one({ state: 'authorised' }))
    p.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(p.ports.replacement).not.toHaveBeenCalled()
  })
})
