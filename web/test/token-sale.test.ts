import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { account, blank, card, counter, gone, keypad, made, offline, quote } from './sale-fixtures'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const token = { digits: '5938 6323 4721 3742 6967', identifier: 6_779_040 }
const minting = () => counter({
  quote: vi.fn(async () => quote({ carrier: 'token' })),
  sell: vi.fn(async (body: { id: string }) => made(body.id, { carrier: 'token', token })),
})

describe('a token at the counter', () => {
  it('is customer, digits, Enter, Enter, Enter: no card', async () => {
    const c = minting()
    c.sale.choose(keypad())
    expect(c.state).toMatchObject({ step: 'ready', card: null })
    await c.type('100')
    expect(c.ports.quote).toHaveBeenCalledWith({ workstation_id: 'w', account_id: 'acc-k', session: undefined, amount_fen: 10_000 })
    await c.enter()
    await c.enter()
    expect(c.state).toMatchObject({ step: 'done', sale: { token } })
    await c.enter()
    expect(c.state).toMatchObject({ step: 'idle', chosen: null, sale: null })
    expect(c.memory.id).toBeNull()
  })

  it('leaves the reader alone: a card that lies there is read afterwards, one that leaves changes nothing', async () => {
    const c = minting()
    c.insert(card())
    c.sale.choose(keypad())
    expect(c.state).toMatchObject({ step: 'ready', card: null })
    await c.type('100')
    c.place(null)
    expect(c.state).toMatchObject({ step: 'ready', input: '100' })
    await c.enter()
    c.place('s2')
    // Whoever puts a card in is the next customer.
    c.sale.onCard(card({ session: 's2' }))
    expect(c.state).toMatchObject({ step: 'ready', chosen: null, card: { session: 's2' } })

    const d = minting()
    d.insert(card())
    d.sale.choose(keypad())
    await d.type('100')
    await d.enter()
    await d.enter()
    expect(d.state.step).toBe('done')
    await d.enter()
    expect(d.state).toMatchObject({ step: 'ready', chosen: null, card: { session: 's1' } })
  })

  it('is not taken for the account of a blank card', async () => {
    const c = minting()
    c.sale.choose(keypad())
    c.insert(blank())
    expect(c.state).toMatchObject({ step: 'choose', chosen: null })
    c.sale.choose(account())
    expect(c.state.step).toBe('ready')
  })

  it('goes back by Esc, and comes back to its figures when no sale was made', async () => {
    const c = minting()
    c.sale.choose(keypad())
    await c.type('100')
    c.sale.escape()
    expect(c.state).toMatchObject({ step: 'ready', input: '' })
    c.sale.escape()
    expect(c.state).toMatchObject({ step: 'idle', chosen: null })

    const lost = counter({
      quote: vi.fn(async () => quote({ carrier: 'token' })),
      sell: vi.fn(async () => { throw offline() }),
      sale: vi.fn(async () => { throw gone() }),
    })
    lost.sale.choose(keypad())
    await lost.type('100')
    await lost.enter()
    await lost.enter()
    expect(lost.state).toMatchObject({ step: 'confirm', notice: { code: 'sale.not_made' }, saleId: 'sale-1' })
  })
})
